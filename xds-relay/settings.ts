import { previousKmsKeys, required } from '../functions/settings.ts';
import { type LivenessSettings, livenessSettings } from '../src/model/liveness-settings.ts';
import { type TenantId, tenantId } from '../src/model/tenant.ts';

/** What the environment of a relay says. Those of bootstraps are Kuma's and are read where bootstraps are made. */
export interface RelayEntrySettings {
  /** `KUMULUS_TABLE`: the name of the DynamoDB table. */
  readonly table: string;
  /** `KUMULUS_KMS_KEY`: id or ARN of the key that wraps the tenants' data keys. */
  readonly kmsKey: string;
  /** `KUMULUS_TENANT_ROLE`: ARN of the role by which tenants' items and data keys are reached; the process's own unless told. */
  readonly tenantRole: string | undefined;
  /** `KUMULUS_PREVIOUS_KMS_KEYS`: those that wrapped before and still open, with commas; none unless told. */
  readonly previousKmsKeys: readonly string[];
  /** `KUMULUS_EVENT_BUS`: name or ARN of the bus on EventBridge for events; without one there are none. */
  readonly eventBus: string | undefined;
  /**
   * `KUMULUS_QUEUE_PREFIX`: what the name of the relay's queue on SQS begins with, its id follows. Who commits tells the relay by it;
   * without one the relay only polls the feed.
   */
  readonly queuePrefix: string | undefined;
  /** `AWS_ENDPOINT_URL`: where DynamoDB, KMS, SQS and EventBridge are, where they are not AWS's own. */
  readonly endpoint: string | undefined;
  /** `KUMULUS_BASE_DOMAIN`: tenants are the names right below it; the domain itself is shared, and tokens tell. */
  readonly baseDomain: string;
  /** `KUMULUS_DEFAULT_TENANT`: who is served where neither host name nor token tell; nobody unless told. */
  readonly defaultTenant: TenantId | undefined;
  /** `KUMA_DP_SERVER_PORT`; 5678 unless told. */
  readonly port: number;
  /** `KUMA_MULTIZONE_ZONE_NAME`; `default` unless told. */
  readonly zone: string;
  /** `KUMULUS_DRAIN_TIME` in seconds: over how long the proxies of a relay that stops are sent away; 60 unless told. */
  readonly drainSeconds: number;
  readonly liveness: LivenessSettings;
  /** `KUMULUS_LOG_LEVEL`; info unless told. */
  readonly logLevel: string | undefined;
  /** `KUMULUS_CLOUDWATCH_STAGE`: the stage whose metrics in CloudWatch are written to the log once a minute; none unless told. */
  readonly cloudWatchStage: string | undefined;
}

function whole(environment: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = environment[name] || String(fallback);
  if (!/^\d{1,6}$/.test(text)) {
    throw new Error(`${name} takes a whole number, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** @throws Error that names the variable that is missing or cannot be understood. */
export function relaySettings(environment: NodeJS.ProcessEnv): RelayEntrySettings {
  const tenant = environment.KUMULUS_DEFAULT_TENANT || undefined;
  return {
    table: required(environment, 'KUMULUS_TABLE'),
    kmsKey: required(environment, 'KUMULUS_KMS_KEY'),
    tenantRole: environment.KUMULUS_TENANT_ROLE || undefined,
    previousKmsKeys: previousKmsKeys(environment),
    eventBus: environment.KUMULUS_EVENT_BUS || undefined,
    queuePrefix: environment.KUMULUS_QUEUE_PREFIX || undefined,
    endpoint: environment.AWS_ENDPOINT_URL || undefined,
    baseDomain: environment.KUMULUS_BASE_DOMAIN ?? '',
    defaultTenant: tenant === undefined ? undefined : tenantId(tenant),
    port: whole(environment, 'KUMA_DP_SERVER_PORT', 5678),
    zone: environment.KUMA_MULTIZONE_ZONE_NAME || 'default',
    drainSeconds: whole(environment, 'KUMULUS_DRAIN_TIME', 60),
    liveness: livenessSettings(environment),
    logLevel: environment.KUMULUS_LOG_LEVEL,
    cloudWatchStage: environment.KUMULUS_CLOUDWATCH_STAGE || undefined,
  };
}
