/** A Dataplane of the service `shop`. */
export function dataplane(name: string, mesh = 'default', tags: Record<string, string> = {}) {
  return {
    type: 'Dataplane',
    mesh,
    name,
    networking: {
      address: '10.0.0.1',
      inbound: [{ port: 8080, tags: { 'kuma.io/service': 'shop', ...tags } }],
    },
  };
}

/** A MeshTimeout that holds for all. */
export function timeout(name: string, mesh = 'default') {
  return {
    type: 'MeshTimeout',
    mesh,
    name,
    spec: { to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }] },
  };
}
