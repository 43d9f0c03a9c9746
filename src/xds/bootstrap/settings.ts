import { isIP } from 'node:net';
import { parseMilliseconds } from '../../model/duration.ts';

/** How the tokens of bootstrap requests are treated. */
export type TokenCheck =
  /** As streams are: who has no right to the proxy gets no bootstrap. */
  | 'strict'
  /** As the reference does: the stream is where the token is judged. */
  | 'stream-only';

/** What an operator decides of bootstraps; each has the name and default of Kuma unless it says otherwise. */
export interface BootstrapSettings {
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_ADMIN_ADDRESS`: where Envoy's admin API listens; 127.0.0.1 unless told. */
  readonly adminAddress: string;
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_ADMIN_PORT`; 9901 unless told, 0 for no admin API unless the Dataplane names a port. */
  readonly adminPort: number;
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_ADMIN_ACCESS_LOG_PATH`; /dev/null unless told. */
  readonly adminAccessLogPath: string;
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_XDS_HOST`: the host for streams; where empty, the one that the request came to. */
  readonly xdsHost: string;
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_XDS_PORT`; where 0, the port that the relay listens on. */
  readonly xdsPort: number;
  /** `KUMA_BOOTSTRAP_SERVER_PARAMS_XDS_CONNECT_TIMEOUT`, in milliseconds; one second unless told. */
  readonly xdsConnectTimeoutMs: number;
  /** The content of `KUMA_BOOTSTRAP_SERVER_PARAMS_COREFILE_TEMPLATE_PATH`, read by the entry; undefined without one. */
  readonly corefileTemplate: string | undefined;
  /** `KUMA_DP_SERVER_HDS_ENABLED`; true unless told. */
  readonly hdsEnabled: boolean;
  /** `KUMA_DP_SERVER_AUTHN_DP_PROXY_TYPE` is not `none`. */
  readonly dataplaneTokenRequired: boolean;
  /** `KUMA_DP_SERVER_AUTHN_ZONE_PROXY_TYPE` is not `none`. */
  readonly zoneTokenRequired: boolean;
  /** `KUMA_DP_SERVER_AUTHN_ENABLE_RELOADABLE_TOKENS`: Envoy reads the token from its file for each stream; false unless told. */
  readonly reloadableTokens: boolean;
  /** `KUMA_EXPERIMENTAL_DELTA_XDS`: Envoy is to use the incremental protocol; true unless told, unlike Kuma. */
  readonly deltaXds: boolean;
  /** `KUMA_PROXY_GATEWAY_GLOBAL_DOWNSTREAM_MAX_CONNECTIONS` of built-in gateways; 50,000 unless told. */
  readonly gatewayMaxConnections: number;
  /** `KUMULUS_BOOTSTRAP_CHECK_TOKENS`; `strict` unless told. */
  readonly checkTokens: TokenCheck;
}

/** Kuma's defaults, but for {@link BootstrapSettings.deltaXds} and {@link BootstrapSettings.checkTokens}. */
export const defaultBootstrapSettings: BootstrapSettings = {
  adminAddress: '127.0.0.1',
  adminPort: 9901,
  adminAccessLogPath: '/dev/null',
  xdsHost: '',
  xdsPort: 0,
  xdsConnectTimeoutMs: 1000,
  corefileTemplate: undefined,
  hdsEnabled: true,
  dataplaneTokenRequired: true,
  zoneTokenRequired: true,
  reloadableTokens: false,
  deltaXds: true,
  gatewayMaxConnections: 50_000,
  checkTokens: 'strict',
};

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

function read<T>(
  environment: Environment,
  name: string,
  fallback: T,
  parse: (text: string) => T | undefined,
): T {
  const text = environment[name];
  if (text === undefined || text === '') {
    return fallback;
  }
  const value = parse(text);
  if (value === undefined) {
    throw new Error(`${name}: cannot take ${JSON.stringify(text)}`);
  }
  return value;
}

function integer(most: number): (text: string) => number | undefined {
  return (text) => (/^\d+$/.test(text) && Number(text) <= most ? Number(text) : undefined);
}

/** The forms of Go's `strconv.ParseBool`, which Kuma's settings take. */
function flag(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) {
    return true;
  }
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}

function milliseconds(text: string): number | undefined {
  try {
    const value = parseMilliseconds(text);
    return value >= 0 ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads Kuma's environment variables. The template of the Corefile is a file; whoever may read files hands in its text.
 *
 * @throws Error that names the variable and the value that it cannot take.
 */
export function bootstrapSettings(environment: Environment, corefileTemplate?: string): BootstrapSettings {
  const params = 'KUMA_BOOTSTRAP_SERVER_PARAMS_';
  const standard = defaultBootstrapSettings;
  const text = (value: string) => value;
  const needsToken = (value: string) => value !== 'none';
  return {
    adminAddress: read(environment, `${params}ADMIN_ADDRESS`, standard.adminAddress, (value) =>
      isIP(value) === 0 ? undefined : value,
    ),
    adminPort: read(environment, `${params}ADMIN_PORT`, standard.adminPort, integer(65_535)),
    adminAccessLogPath: read(
      environment,
      `${params}ADMIN_ACCESS_LOG_PATH`,
      standard.adminAccessLogPath,
      text,
    ),
    xdsHost: read(environment, `${params}XDS_HOST`, standard.xdsHost, text),
    xdsPort: read(environment, `${params}XDS_PORT`, standard.xdsPort, integer(65_535)),
    xdsConnectTimeoutMs: read(
      environment,
      `${params}XDS_CONNECT_TIMEOUT`,
      standard.xdsConnectTimeoutMs,
      milliseconds,
    ),
    corefileTemplate,
    hdsEnabled: read(environment, 'KUMA_DP_SERVER_HDS_ENABLED', standard.hdsEnabled, flag),
    dataplaneTokenRequired: read(environment, 'KUMA_DP_SERVER_AUTHN_DP_PROXY_TYPE', true, needsToken),
    zoneTokenRequired: read(environment, 'KUMA_DP_SERVER_AUTHN_ZONE_PROXY_TYPE', true, needsToken),
    reloadableTokens: read(environment, 'KUMA_DP_SERVER_AUTHN_ENABLE_RELOADABLE_TOKENS', false, flag),
    deltaXds: read(environment, 'KUMA_EXPERIMENTAL_DELTA_XDS', standard.deltaXds, flag),
    gatewayMaxConnections: read(
      environment,
      'KUMA_PROXY_GATEWAY_GLOBAL_DOWNSTREAM_MAX_CONNECTIONS',
      standard.gatewayMaxConnections,
      integer(Number.MAX_SAFE_INTEGER),
    ),
    checkTokens: read(environment, 'KUMULUS_BOOTSTRAP_CHECK_TOKENS', standard.checkTokens, (value) =>
      value === 'strict' || value === 'stream-only' ? value : undefined,
    ),
  };
}
