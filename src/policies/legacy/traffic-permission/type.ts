import { legacyPolicy } from '../common/legacy-policy.ts';
import { trafficPermissionSchema } from './schema.ts';
import { validateTrafficPermission } from './validate.ts';

/** Kuma's `TrafficPermission`. */
export const trafficPermissionType = legacyPolicy({
  name: 'TrafficPermission',
  path: 'traffic-permissions',
  singularDisplayName: 'Traffic Permission',
  pluralDisplayName: 'Traffic Permissions',
  schema: trafficPermissionSchema,
  validate: validateTrafficPermission,
});
