import type { ResourceType } from '../model/resource-type.ts';
import { accessRoleType } from '../model/types/access-role/type.ts';
import { accessRoleBindingType } from '../model/types/access-role-binding.ts';
import { dataplaneType } from '../model/types/dataplane.ts';
import { externalServiceType } from '../model/types/external-service.ts';
import { globalSecretType } from '../model/types/global-secret.ts';
import { hostnameGeneratorType } from '../model/types/hostname-generator.ts';
import { dataplaneInsightType } from '../model/types/insights/dataplane-insight.ts';
import { meshInsightType } from '../model/types/insights/mesh-insight.ts';
import { serviceInsightType } from '../model/types/insights/service-insight.ts';
import { zoneInsightType } from '../model/types/insights/zone-insight.ts';
import { zoneEgressInsightType, zoneIngressInsightType } from '../model/types/insights/zone-proxy-insight.ts';
import { meshType } from '../model/types/mesh.ts';
import { meshExternalServiceType } from '../model/types/mesh-external-service/type.ts';
import { meshGatewayType } from '../model/types/mesh-gateway/type.ts';
import { meshIdentityType } from '../model/types/mesh-identity/type.ts';
import { meshMultiZoneServiceType } from '../model/types/mesh-multi-zone-service.ts';
import { meshServiceType } from '../model/types/mesh-service.ts';
import { meshTrustType } from '../model/types/mesh-trust.ts';
import { secretType } from '../model/types/secret.ts';
import { workloadType } from '../model/types/workload.ts';
import { zoneType } from '../model/types/zone.ts';
import { zoneEgressType, zoneIngressType } from '../model/types/zone-proxy.ts';
import { policyTypes } from './index.ts';

/** Everything that Kumulus knows of Kuma's types of resources, sorted by name. */
export const resourceTypes: readonly ResourceType[] = [
  accessRoleType,
  accessRoleBindingType,
  dataplaneType,
  dataplaneInsightType,
  externalServiceType,
  globalSecretType,
  hostnameGeneratorType,
  meshType,
  meshExternalServiceType,
  meshInsightType,
  meshIdentityType,
  meshMultiZoneServiceType,
  meshServiceType,
  meshTrustType,
  meshGatewayType,
  secretType,
  serviceInsightType,
  workloadType,
  zoneType,
  zoneEgressType,
  zoneEgressInsightType,
  zoneIngressType,
  zoneIngressInsightType,
  zoneInsightType,
  ...policyTypes,
].sort((a, b) => (a.name < b.name ? -1 : 1));

const byName = new Map(resourceTypes.map((type) => [type.name, type]));
const byPath = new Map(resourceTypes.map((type) => [type.path, type]));
const byShortName = new Map(
  resourceTypes.filter(({ shortName }) => shortName !== '').map((type) => [type.shortName, type]),
);

/** The type of the given name, such as `MeshTimeout`; undefined where there is none. */
export function resourceType(name: string): ResourceType | undefined {
  return byName.get(name);
}

/** The type whose collection has the given path, such as `meshtimeouts`. */
export function resourceTypeByPath(path: string): ResourceType | undefined {
  return byPath.get(path);
}

/** The type whose resource identifiers start with the given short name, such as `mt`. */
export function resourceTypeByShortName(shortName: string): ResourceType | undefined {
  return byShortName.get(shortName);
}
