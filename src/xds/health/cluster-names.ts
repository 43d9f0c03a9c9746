/** What checks of Envoy itself are called; the second where the proxy uses Kuma's newer names. */
export const adminCluster = 'kuma:envoy:admin';
export const adminClusterUnified = 'system_envoy_admin';

/** What the check of a workload's port is called. */
export function localCluster(port: number): string {
  return `localhost:${port}`;
}

/** The port of {@link localCluster}; undefined for other names. */
export function portOfLocalCluster(name: string): number | undefined {
  const [, port] = /^localhost:(\d{1,5})$/.exec(name) ?? [];
  return port === undefined ? undefined : Number(port);
}
