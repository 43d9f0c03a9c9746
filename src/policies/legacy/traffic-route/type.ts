import { legacyPolicy } from '../common/legacy-policy.ts';
import { trafficRouteSchema } from './schema.ts';
import { validateTrafficRoute } from './validate.ts';

/** Kuma's `TrafficRoute`. */
export const trafficRouteType = legacyPolicy({
  name: 'TrafficRoute',
  path: 'traffic-routes',
  singularDisplayName: 'Traffic Route',
  pluralDisplayName: 'Traffic Routes',
  schema: trafficRouteSchema,
  validate: validateTrafficRoute,
});
