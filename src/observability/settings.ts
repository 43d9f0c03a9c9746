import { isIP } from 'node:net';

/** Where metrics and health are answered, as the environment says. */
export interface DiagnosticsSettings {
  /** `KUMA_DIAGNOSTICS_SERVER_PORT`; 5680 unless told, as in Kuma. */
  readonly port: number;
  /**
   * `KUMULUS_DIAGNOSTICS_ADDRESS`: the address to listen on; 127.0.0.1 unless told, for names of tenants and meshes are in
   * the metrics. Where a load balancer or Prometheus asks from outside, it is the task's own address or `0.0.0.0`, and the
   * network decides who reaches it.
   */
  readonly address: string;
  /** `KUMULUS_METRICS_TENANTS`: how many tenants have series of their own at the same time; 100 unless told. */
  readonly maxTenants: number;
  /** `KUMULUS_METRICS_MESHES`: how many meshes are told apart, the largest; 500 unless told. */
  readonly maxMeshes: number;
}

function whole(environment: NodeJS.ProcessEnv, name: string, fallback: number, most: number): number {
  const text = environment[name] || String(fallback);
  if (!/^\d{1,6}$/.test(text) || Number(text) > most) {
    throw new Error(`${name} takes a whole number of at most ${most}, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** @throws Error that names the variable and the value that it cannot take. */
export function diagnosticsSettings(environment: NodeJS.ProcessEnv): DiagnosticsSettings {
  const address = environment.KUMULUS_DIAGNOSTICS_ADDRESS || '127.0.0.1';
  if (isIP(address) === 0) {
    throw new Error(`KUMULUS_DIAGNOSTICS_ADDRESS takes an IP address, got ${JSON.stringify(address)}`);
  }
  return {
    port: whole(environment, 'KUMA_DIAGNOSTICS_SERVER_PORT', 5680, 65_535),
    address,
    maxTenants: whole(environment, 'KUMULUS_METRICS_TENANTS', 100, 10_000),
    maxMeshes: whole(environment, 'KUMULUS_METRICS_MESHES', 500, 10_000),
  };
}
