import * as z from 'zod';

/** The kinds of Kuma's `targetRef`, from the least to the most specific. */
export const targetRefKinds = [
  'Mesh',
  'MeshSubset',
  'MeshGateway',
  'MeshService',
  'MeshExternalService',
  'MeshMultiZoneService',
  'MeshServiceSubset',
  'MeshHTTPRoute',
  'Dataplane',
] as const;

export type TargetRefKind = (typeof targetRefKinds)[number];

/** What a policy, or one of its lists, is attached to. */
export const targetRefSchema = z.object({
  kind: z.enum(targetRefKinds),
  name: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()).exactOptional(),
  /** Reserved by Kuma; no kind takes it. */
  mesh: z.string().exactOptional(),
  /** All proxies when absent. */
  proxyTypes: z.array(z.enum(['Sidecar', 'Gateway'])).exactOptional(),
  namespace: z.string().exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
  /** An inbound's name or port, or the port of a MeshService. */
  sectionName: z.string().exactOptional(),
});

export type TargetRef = z.output<typeof targetRefSchema>;
export type ProxyTypeSelector = NonNullable<TargetRef['proxyTypes']>[number];

/** Whether a target takes in gateways. */
export function includesGateways({ kind, proxyTypes = [] }: TargetRef): boolean {
  switch (kind) {
    case 'MeshGateway':
    case 'MeshHTTPRoute':
      return true;
    case 'Mesh':
    case 'MeshSubset':
      return proxyTypes.length === 0 || proxyTypes.includes('Gateway');
    default:
      return false;
  }
}
