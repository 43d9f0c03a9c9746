import * as z from 'zod';
import { KumulusError } from '../../model/errors.ts';
import type { ProxyType } from '../../model/proxy-metadata.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { DataplaneSpec } from '../../model/types/dataplane.ts';
import {
  adminPortOf,
  gatewayTypeOf,
  identifyingServiceOf,
  outboundsOf,
} from '../../model/types/dataplane-helpers.ts';
import { type MeshSpec, meshSchema } from '../../model/types/mesh-schema.ts';
import { type AggregatedMetrics, aggregatedMetrics } from './metrics.ts';
import type { ProxyResource, ResourceLookups } from './proxy-resource.ts';
import type { BootstrapRequest } from './request.ts';

/** What a bootstrap says of a proxy beside what the request does. */
export interface ProxyFacts {
  /** `node.cluster`. */
  readonly service: string;
  /** 0 where the resource names none. */
  readonly adminPort: number;
  /** Empty for zone proxies. */
  readonly address: string;
  readonly builtinGateway: boolean;
  /** The mesh has MeshServices only, which newer names of Envoy's resources go with. */
  readonly exclusiveMeshServices: boolean;
  readonly metrics: readonly AggregatedMetrics[];
}

function violation(field: string, message: string): KumulusError {
  return new KumulusError('invalid', 'Resource is not valid', { violations: [{ field, message }] });
}

async function findMesh(
  lookups: ResourceLookups,
  tenant: TenantId,
  resource: ProxyResource,
): Promise<MeshSpec> {
  const mesh = await lookups.get(tenant, { type: 'Mesh', mesh: '', name: resource.mesh });
  if (mesh !== undefined) {
    return meshSchema.parse(mesh.spec);
  }
  if (resource.given) {
    throw violation('mesh', `mesh ${JSON.stringify(resource.mesh)} does not exist`);
  }
  throw new KumulusError('not_found', `there is no Mesh ${JSON.stringify(resource.mesh)}`);
}

/** Traffic is redirected to Envoy, so that nobody needs to name outbounds. */
function isTransparent({ dataplaneConfig }: BootstrapRequest): boolean {
  const redirect = dataplaneConfig?.redirect;
  return redirect !== undefined && (redirect.inbound.enabled || redirect.outbound.enabled);
}

/** @throws KumulusError `invalid` where there is no such mesh or the request contradicts the Dataplane. */
export async function dataplaneFacts(
  lookups: ResourceLookups,
  tenant: TenantId,
  request: BootstrapRequest,
  resource: ProxyResource,
  dataplane: DataplaneSpec,
): Promise<ProxyFacts> {
  if (resource.given && isTransparent(request) && outboundsOf(dataplane).length > 0) {
    throw violation('outbound', 'should be empty since dataplane is in Transparent Proxying mode');
  }
  const mesh = await findMesh(lookups, tenant, resource);
  return {
    service: identifyingServiceOf(dataplane),
    adminPort: adminPortOf(dataplane) ?? 0,
    address: dataplane.networking?.address ?? '',
    builtinGateway: gatewayTypeOf(dataplane) === 'BUILTIN',
    exclusiveMeshServices: mesh.meshServices?.mode === 'Exclusive',
    metrics: aggregatedMetrics(mesh, dataplane),
  };
}

/** The part of a zone proxy's spec that bootstraps need. */
const zoneProxySchema = z.object({
  networking: z.object({ admin: z.object({ port: z.int() }).optional() }).optional(),
});

/** A zone ingress or egress belongs to no mesh and to no service. */
export function zoneProxyFacts(proxyType: ProxyType, resource: ProxyResource): ProxyFacts {
  const spec = zoneProxySchema.safeParse(resource.spec);
  return {
    service: proxyType,
    adminPort: (spec.success ? spec.data.networking?.admin?.port : undefined) ?? 0,
    address: '',
    builtinGateway: false,
    exclusiveMeshServices: false,
    metrics: [],
  };
}
