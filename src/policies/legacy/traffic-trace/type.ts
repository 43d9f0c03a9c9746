import { legacyPolicy } from '../common/legacy-policy.ts';
import { trafficTraceSchema } from './schema.ts';
import { validateTrafficTrace } from './validate.ts';

/** Kuma's `TrafficTrace`. */
export const trafficTraceType = legacyPolicy({
  name: 'TrafficTrace',
  path: 'traffic-traces',
  singularDisplayName: 'Traffic Trace',
  pluralDisplayName: 'Traffic Traces',
  schema: trafficTraceSchema,
  validate: validateTrafficTrace,
});
