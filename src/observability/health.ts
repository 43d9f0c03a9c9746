import type { Clock } from '../model/ports.ts';
import type { Telemetry } from '../model/telemetry.ts';
import type { EventLoopWatch } from './event-loop.ts';

/** One thing that must hold. */
export interface Check {
  readonly ok: boolean;
  /** Since when it has been so, as far as is known. */
  readonly since: string;
  /** What is wrong, or what it rests on. Holds no secret. */
  readonly detail: string;
}

/** What is answered: whether all holds, and each of the things. */
export interface HealthReport {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

/** When the certificate that the port serves may be used, in milliseconds since 1970. */
export interface CertificateValidity {
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Health {
  /** Whether the process gets anything done: what is answered to those who would replace it. */
  live(): HealthReport;
  /** Whether new proxies should be sent here. */
  ready(): HealthReport;
  /** What health is judged by beside what it is told directly. */
  readonly telemetry: Pick<Telemetry, 'storeCalled' | 'leaseRenewed'>;
  /** The port for proxies is open and serves a certificate that is valid in this time. */
  serving(certificate: CertificateValidity): void;
  /** The relay stops; there is no way back. */
  draining(): void;
}

export interface HealthDeps {
  readonly clock: Clock;
  readonly eventLoop: Pick<EventLoopWatch, 'longestMs'>;
  /** The lateness of the event loop from which on the process counts as stuck, in milliseconds; 5,000 unless told. */
  readonly maxLagMs?: number;
  /** How old the last answer of the store may be, in milliseconds; 30,000 unless told. The lease is written every 20 s. */
  readonly maxStoreSilenceMs?: number;
}

/** A state of affairs and when it began. */
interface Since {
  readonly ok: boolean;
  readonly at: number;
}

/** Store outcomes that say that it could not be reached, or failed. */
const failures: ReadonlySet<string> = new Set(['unavailable', 'internal']);

/**
 * Judges health by what happened, not by what is hoped: nothing holds before it was seen, and what was seen too long
 * ago holds no more, even where nobody has told of a failure.
 */
export function createHealth(deps: HealthDeps): Health {
  const { clock, eventLoop, maxLagMs = 5_000, maxStoreSilenceMs = 30_000 } = deps;
  const start = clock();
  let lease: { readonly expires: number; readonly since: number } | undefined;
  let store: { readonly answered: number; readonly since: number } | undefined;
  let certificate: (CertificateValidity & { readonly since: number }) | undefined;
  let drainingSince: number | undefined;
  let stuck: Since = { ok: true, at: start };

  const check = (ok: boolean, since: number, detail: string): Check => ({
    ok,
    since: new Date(since).toISOString(),
    detail,
  });

  const leaseCheck = (now: number): Check => {
    if (lease === undefined) {
      return check(false, start, 'the lease was never written');
    }
    const until = new Date(lease.expires).toISOString();
    return now < lease.expires
      ? check(true, lease.since, `the lease lives until ${until}`)
      : check(false, lease.expires, `the lease ran out at ${until}`);
  };

  const storeCheck = (now: number): Check => {
    if (store === undefined) {
      return check(false, start, 'the store never answered');
    }
    const silentMs = now - store.answered;
    return silentMs <= maxStoreSilenceMs
      ? check(true, store.since, `the store answered ${silentMs} ms ago`)
      : check(false, store.answered, `the store has not answered for ${silentMs} ms`);
  };

  const certificateCheck = (now: number): Check => {
    if (certificate === undefined) {
      return check(false, start, 'the port for proxies is not open yet');
    }
    const { notBefore, notAfter, since } = certificate;
    if (now < notBefore) {
      return check(false, since, `the certificate is valid from ${new Date(notBefore).toISOString()} on`);
    }
    const until = new Date(notAfter).toISOString();
    return now < notAfter
      ? check(true, since, `the certificate is valid until ${until}`)
      : check(false, notAfter, `the certificate ran out at ${until}`);
  };

  const drainingCheck = (): Check =>
    drainingSince === undefined
      ? check(true, start, 'proxies are let in')
      : check(false, drainingSince, 'the relay stops and sends its proxies away');

  const eventLoopCheck = (now: number): Check => {
    const lagMs = eventLoop.longestMs;
    const ok = lagMs <= maxLagMs;
    if (ok !== stuck.ok) {
      stuck = { ok, at: now };
    }
    return check(
      ok,
      stuck.at,
      `the event loop was late by up to ${Math.round(lagMs)} ms in the last seconds`,
    );
  };

  const report = (checks: Readonly<Record<string, Check>>): HealthReport => ({
    ok: Object.values(checks).every(({ ok }) => ok),
    checks,
  });

  return {
    live: () => report({ eventLoop: eventLoopCheck(clock()) }),
    ready() {
      const now = clock();
      return report({
        draining: drainingCheck(),
        lease: leaseCheck(now),
        store: storeCheck(now),
        certificate: certificateCheck(now),
        eventLoop: eventLoopCheck(now),
      });
    },
    telemetry: {
      leaseRenewed(expires) {
        if (expires !== undefined) {
          const now = clock();
          const went = lease !== undefined && now < lease.expires;
          lease = { expires, since: went && lease !== undefined ? lease.since : now };
        }
      },
      storeCalled(_call, outcome) {
        if (!failures.has(outcome)) {
          const now = clock();
          const went = store !== undefined && now - store.answered <= maxStoreSilenceMs;
          store = { answered: now, since: went && store !== undefined ? store.since : now };
        }
      },
    },
    serving(validity) {
      certificate = { ...validity, since: clock() };
    },
    draining() {
      drainingSince ??= clock();
    },
  };
}
