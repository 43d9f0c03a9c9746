import { type LivenessSettings, livenessSettings } from '../src/model/liveness-settings.ts';
import { type TenantId, tenantId } from '../src/model/tenant.ts';

/** What the environment of the API's function says. */
export interface ApiFunctionSettings {
  /** `KUMULUS_TABLE`: the name of the DynamoDB table. */
  readonly table: string;
  /** `KUMULUS_KMS_KEY`: id or ARN of the key that wraps the tenants' data keys. */
  readonly kmsKey: string;
  /** `KUMULUS_TENANT_ROLE`: ARN of the role by which tenants' items and data keys are reached; the process's own unless told. */
  readonly tenantRole: string | undefined;
  /** `KUMULUS_PREVIOUS_KMS_KEYS`: those that wrapped before and still open, with commas; none unless told. */
  readonly previousKmsKeys: readonly string[];
  /** `KUMULUS_BASE_DOMAIN`: tenants are the names right below it, `<tenant>.<base domain>`. */
  readonly baseDomain: string;
  /** `KUMULUS_DEFAULT_TENANT`: who is served under every other host name; nobody unless told. */
  readonly defaultTenant: TenantId | undefined;
  /** `KUMULUS_EVENT_BUS`: name or ARN of the bus on EventBridge for events; without one there are none. */
  readonly eventBus: string | undefined;
  /** `AWS_ENDPOINT_URL`: where DynamoDB, KMS, SQS and EventBridge are, where they are not AWS's own. */
  readonly endpoint: string | undefined;
  /** `KUMA_MULTIZONE_ZONE_NAME`; `default` unless told. */
  readonly zone: string;
  readonly liveness: LivenessSettings;
  /** `KUMULUS_LOG_LEVEL`: debug, info, warn or error; info unless told. */
  readonly logLevel: string | undefined;
}

/**
 * How often a function writes what tenants used, in milliseconds. Requests that come one at a time would each pay for a
 * write; what was counted since the last one is lost with an instance that Lambda ends.
 */
export const usageEveryMs = 600_000;

/** Longer than a function runs, and than any process serves a tenant by an older record. */
export const quarantineMs = 60_000;

/** @throws Error that names the variable where it is not set. */
export function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} must be set`);
  }
  return value;
}

/** What `KUMULUS_PREVIOUS_KMS_KEYS` names. */
export function previousKmsKeys({
  KUMULUS_PREVIOUS_KMS_KEYS: text = '',
}: NodeJS.ProcessEnv): readonly string[] {
  return text
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
}

/** @throws Error that names the variable that is missing, KumulusError for a tenant whose name is none. */
export function apiFunctionSettings(environment: NodeJS.ProcessEnv): ApiFunctionSettings {
  const tenant = environment.KUMULUS_DEFAULT_TENANT || undefined;
  return {
    table: required(environment, 'KUMULUS_TABLE'),
    kmsKey: required(environment, 'KUMULUS_KMS_KEY'),
    tenantRole: environment.KUMULUS_TENANT_ROLE || undefined,
    previousKmsKeys: previousKmsKeys(environment),
    baseDomain: environment.KUMULUS_BASE_DOMAIN ?? '',
    defaultTenant: tenant === undefined ? undefined : tenantId(tenant),
    eventBus: environment.KUMULUS_EVENT_BUS || undefined,
    endpoint: environment.AWS_ENDPOINT_URL || undefined,
    zone: environment.KUMA_MULTIZONE_ZONE_NAME || 'default',
    liveness: livenessSettings(environment),
    logLevel: environment.KUMULUS_LOG_LEVEL,
  };
}
