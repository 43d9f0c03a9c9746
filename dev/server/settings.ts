import { parseMilliseconds } from '../../src/model/duration.ts';
import { type LivenessSettings, livenessSettings } from '../../src/model/liveness-settings.ts';

/** What the environment decides of the local server; names, forms and defaults are Kuma's unless it says otherwise. */
export interface LocalSettings {
  /** `KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN`; true unless told. */
  readonly localhostIsAdmin: boolean;
  /**
   * `KUMA_API_SERVER_AUTHN_TYPE`: `tokens`, the default, takes user tokens; `adminClientCerts` takes none. Client
   * certificates are taken in both, where `clientCertsDir` is given.
   */
  readonly userTokens: boolean;
  /** `KUMA_API_SERVER_AUTH_CLIENT_CERTS_DIR`: whose client certificates make administrators; none do unless told. */
  readonly clientCertsDir: string | undefined;
  /** `KUMULUS_API_ANONYMOUS_READS`: whether callers from other machines may read without a token; true unless told. */
  readonly anonymousReads: boolean;
  /** `KUMA_MULTIZONE_ZONE_NAME`; `default` unless told. */
  readonly zone: string;
  /** `KUMA_EXPERIMENTAL_DELTA_XDS`; true unless told, unlike Kuma. */
  readonly deltaXds: boolean;
  readonly liveness: LivenessSettings;
  /** `KUMULUS_DRAIN_TIME`: how long proxies and requests have to go when the server stops, in milliseconds; 2 s unless told. */
  readonly drainMs: number;
  /** `KUMULUS_JOBS_INTERVAL`, in milliseconds; one minute unless told. */
  readonly jobsEveryMs: number;
  /** `KUMULUS_BASE_DOMAIN`: tenants are the names right below it; `localhost` unless told. */
  readonly baseDomain: string;
  /** `KUMULUS_TLS_HOSTS`: further names and addresses of this machine for its certificate, with commas between. */
  readonly extraHosts: readonly string[];
}

function flag(environment: NodeJS.ProcessEnv, name: string, fallback: boolean): boolean {
  const text = environment[name]?.toLowerCase();
  if (text === undefined || text === '') {
    return fallback;
  }
  if (['1', 't', 'true'].includes(text)) {
    return true;
  }
  if (['0', 'f', 'false'].includes(text)) {
    return false;
  }
  throw new Error(`${name} takes true or false, got ${JSON.stringify(text)}`);
}

function duration(environment: NodeJS.ProcessEnv, name: string, fallback: string): number {
  const text = environment[name] || fallback;
  try {
    return parseMilliseconds(text);
  } catch {
    throw new Error(`${name} takes a duration such as 30s or 1h, got ${JSON.stringify(text)}`);
  }
}

function authenticationType(environment: NodeJS.ProcessEnv): 'tokens' | 'adminClientCerts' {
  const type = environment.KUMA_API_SERVER_AUTHN_TYPE || 'tokens';
  if (type !== 'tokens' && type !== 'adminClientCerts') {
    throw new Error(
      `KUMA_API_SERVER_AUTHN_TYPE takes tokens or adminClientCerts, got ${JSON.stringify(type)}`,
    );
  }
  return type;
}

/**
 * Reads the environment.
 *
 * @throws Error that names the variable and the value that it cannot take.
 */
export function localSettings(environment: NodeJS.ProcessEnv): LocalSettings {
  return {
    localhostIsAdmin: flag(environment, 'KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN', true),
    userTokens: authenticationType(environment) === 'tokens',
    clientCertsDir: environment.KUMA_API_SERVER_AUTH_CLIENT_CERTS_DIR || undefined,
    anonymousReads: flag(environment, 'KUMULUS_API_ANONYMOUS_READS', true),
    zone: environment.KUMA_MULTIZONE_ZONE_NAME || 'default',
    deltaXds: flag(environment, 'KUMA_EXPERIMENTAL_DELTA_XDS', true),
    liveness: livenessSettings(environment),
    drainMs: duration(environment, 'KUMULUS_DRAIN_TIME', '2s'),
    jobsEveryMs: duration(environment, 'KUMULUS_JOBS_INTERVAL', '1m'),
    baseDomain: environment.KUMULUS_BASE_DOMAIN || 'localhost',
    extraHosts: (environment.KUMULUS_TLS_HOSTS ?? '').split(',').filter((host) => host !== ''),
  };
}
