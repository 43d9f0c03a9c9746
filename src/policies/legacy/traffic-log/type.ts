import { legacyPolicy } from '../common/legacy-policy.ts';
import { trafficLogSchema } from './schema.ts';
import { validateTrafficLog } from './validate.ts';

/** Kuma's `TrafficLog`. */
export const trafficLogType = legacyPolicy({
  name: 'TrafficLog',
  path: 'traffic-logs',
  singularDisplayName: 'Traffic Log',
  pluralDisplayName: 'Traffic Logs',
  schema: trafficLogSchema,
  validate: validateTrafficLog,
});
