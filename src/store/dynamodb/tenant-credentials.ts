import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';

/** Credentials that end, as the SDK has them. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Takes the tenants' role for one of them (`sts:AssumeRole` with the tenant as session tag). */
export type TakeTenantRole = (tenant: TenantId) => Promise<SessionCredentials>;

/** Credentials with which nothing but one tenant's own can be reached. */
export interface TenantCredentials {
  /**
   * Those of the tenant, which hold for a minute at least.
   *
   * @throws KumulusError `unavailable` where the role could not be taken for now, `internal` where it is refused.
   */
  of(tenant: TenantId): Promise<SessionCredentials>;
}

export interface TenantCredentialsDeps {
  readonly take: TakeTenantRole;
  readonly clock: Clock;
  /** Of how many tenants they are kept, some 2 KB each; 5,000 unless told. Who was asked for longest ago goes first. */
  readonly limit?: number;
}

/** With less left than this the role is taken again while what is there still serves: as long as the SDK looks ahead. */
const renewMs = 5 * 60_000;
/** With less left than this nothing is begun: the longest request and the difference of clocks. */
const leastMs = 60_000;
/** After an attempt to renew that failed, while the old ones still serve. */
const pauseMs = 10_000;

interface Kept {
  credentials: SessionCredentials | undefined;
  running: Promise<SessionCredentials> | undefined;
  /** No earlier than this another renewal begins. */
  renewAt: number;
}

/** Keeps the credentials of the tenants at hand: one call of STS a tenant and session, however many ask at once. */
export function createTenantCredentials({
  take,
  clock,
  limit = 5_000,
}: TenantCredentialsDeps): TenantCredentials {
  const kept = new Map<TenantId, Kept>();

  function entryOf(tenant: TenantId): Kept {
    const entry = kept.get(tenant) ?? { credentials: undefined, running: undefined, renewAt: 0 };
    kept.delete(tenant);
    kept.set(tenant, entry);
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) {
      kept.delete(oldest);
    }
    return entry;
  }

  /** Shared by all who wait; nothing of it is kept where it fails. */
  function renew(tenant: TenantId, entry: Kept): Promise<SessionCredentials> {
    entry.running ??= takenBy(take, tenant)
      .then((credentials) => {
        entry.credentials = credentials;
        return credentials;
      })
      .finally(() => {
        entry.running = undefined;
      });
    return entry.running;
  }

  return {
    async of(tenant) {
      const entry = entryOf(tenant);
      const { credentials } = entry;
      const now = clock();
      const leftMs = credentials === undefined ? 0 : credentials.expiration.getTime() - now;
      if (credentials === undefined || leftMs < leastMs) {
        return renew(tenant, entry);
      }
      if (leftMs < renewMs && now >= entry.renewAt) {
        entry.renewAt = now + pauseMs;
        // Who asks is served by the old ones; a failure is told when they are about to end.
        renew(tenant, entry).catch(() => undefined);
      }
      return credentials;
    },
  };
}

async function takenBy(take: TakeTenantRole, tenant: TenantId): Promise<SessionCredentials> {
  try {
    return await take(tenant);
  } catch (error) {
    throw isKumulusError(error) ? error : translate(error);
  }
}

/** What STS says where a later attempt may succeed ("Common errors" of its API reference). */
const passing = /Throttl|RequestLimitExceeded|ServiceUnavailable|InternalFailure|Timeout/;

function translate(error: unknown): KumulusError {
  const name = error instanceof Error ? error.name : 'unknown';
  const isAnswered = error instanceof Error && '$fault' in error;
  if (!isAnswered || error.$fault === 'server' || passing.test(name)) {
    return new KumulusError('unavailable', `the role of tenants could not be taken: ${name}`, {
      retryAfterSeconds: 1,
      cause: error,
    });
  }
  return new KumulusError('internal', `the role of tenants is refused: ${name}`, { cause: error });
}
