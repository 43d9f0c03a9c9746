import { legacyPolicy } from '../common/legacy-policy.ts';
import { meshGatewayRouteSchema } from './schema.ts';
import { validateMeshGatewayRoute } from './validate.ts';

/** Kuma's `MeshGatewayRoute`. */
export const meshGatewayRouteType = legacyPolicy({
  name: 'MeshGatewayRoute',
  path: 'meshgatewayroutes',
  singularDisplayName: 'Mesh Gateway Route',
  pluralDisplayName: 'Mesh Gateway Routes',
  schema: meshGatewayRouteSchema,
  validate: validateMeshGatewayRoute,
});
