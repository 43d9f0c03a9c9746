/** The mesh: every connection is mTLS, with certificates of an authority that the control plane makes. */
export const mesh = {
  type: 'Mesh',
  name: 'default',
  mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin' }] },
} as const;

/** With mTLS nobody may talk to anybody, but for this: `backend` may talk to `redis`. */
export const permission = {
  type: 'MeshTrafficPermission',
  mesh: 'default',
  name: 'backend-to-redis',
  spec: {
    targetRef: { kind: 'Dataplane', labels: { app: 'redis' } },
    from: [
      {
        targetRef: { kind: 'MeshSubset', tags: { 'kuma.io/service': 'backend' } },
        default: { action: 'Allow' },
      },
    ],
  },
} as const;

export const permissionPath = '/meshes/default/meshtrafficpermissions/backend-to-redis';

/**
 * The template of a proxy's Dataplane. All proxies share this machine and 127.0.0.1, so each has ports of its own, that of
 * Envoy's admin API among them.
 */
export function dataplaneTemplate(service: string, protocol: string, outbounds: readonly string[]): string {
  const outbound = outbounds.map(
    (target) => `
    - address: 127.0.0.1
      port: {{ outbound }}
      tags:
        kuma.io/service: ${target}`,
  );
  return `type: Dataplane
mesh: default
name: {{ name }}
labels:
  app: ${service}
networking:
  address: 127.0.0.1
  admin:
    port: {{ admin }}
  inbound:
    - port: {{ inbound }}
      servicePort: {{ workload }}
      tags:
        kuma.io/service: ${service}
        kuma.io/protocol: ${protocol}
${outbound.length === 0 ? '' : `  outbound:${outbound.join('')}\n`}`;
}
