import { describe, expect, it } from 'vitest';
import { createHealth, type Health } from './health.ts';

const t0 = Date.parse('2026-01-01T00:00:00Z');
const hour = 3_600_000;

/** A relay that is as it should be, and the hands to change that. */
function world() {
  const time = { now: t0 };
  const eventLoop = { longestMs: 3 };
  const health = createHealth({ clock: () => time.now, eventLoop });
  const answer = (
    outcome: 'ok' | 'condition_failed' | 'unavailable' | 'internal' | 'payload_too_large' = 'ok',
  ) => health.telemetry.storeCalled('transact', outcome, 1);
  health.telemetry.leaseRenewed(t0 + 15_000);
  answer();
  health.serving({ notBefore: t0 - hour, notAfter: t0 + hour });
  return { time, eventLoop, health, answer };
}

/** The checks that do not hold, with what is said of them. */
function failing(report: ReturnType<Health['ready']>) {
  return Object.fromEntries(
    Object.entries(report.checks).flatMap(([name, { ok, since, detail }]) =>
      ok ? [] : [[name, { since, detail }]],
    ),
  );
}

describe('what is not known does not hold', () => {
  it('is not ready before anything was seen, and says what is missing', () => {
    const health = createHealth({ clock: () => t0, eventLoop: { longestMs: 0 } });
    expect(health.ready().ok).toBe(false);
    expect(failing(health.ready())).toEqual({
      lease: { since: '2026-01-01T00:00:00.000Z', detail: 'the lease was never written' },
      store: { since: '2026-01-01T00:00:00.000Z', detail: 'the store never answered' },
      certificate: { since: '2026-01-01T00:00:00.000Z', detail: 'the port for proxies is not open yet' },
    });
    expect(health.live().ok).toBe(true);
  });

  it('is ready when all was seen', () => {
    const { health } = world();
    expect(health.ready()).toEqual({
      ok: true,
      checks: {
        draining: { ok: true, since: '2026-01-01T00:00:00.000Z', detail: 'proxies are let in' },
        lease: {
          ok: true,
          since: '2026-01-01T00:00:00.000Z',
          detail: 'the lease lives until 2026-01-01T00:00:15.000Z',
        },
        store: { ok: true, since: '2026-01-01T00:00:00.000Z', detail: 'the store answered 0 ms ago' },
        certificate: {
          ok: true,
          since: '2026-01-01T00:00:00.000Z',
          detail: 'the certificate is valid until 2026-01-01T01:00:00.000Z',
        },
        eventLoop: {
          ok: true,
          since: '2026-01-01T00:00:00.000Z',
          detail: 'the event loop was late by up to 3 ms in the last seconds',
        },
      },
    });
  });
});

describe('one check after the other', () => {
  it('a lease that is not renewed in time ends readiness at the moment it runs out', () => {
    const { time, health, answer } = world();
    time.now = t0 + 14_999;
    answer();
    expect(health.ready().ok).toBe(true);
    time.now = t0 + 15_000;
    health.telemetry.leaseRenewed(undefined);
    expect(failing(health.ready())).toEqual({
      lease: { since: '2026-01-01T00:00:15.000Z', detail: 'the lease ran out at 2026-01-01T00:00:15.000Z' },
    });
    time.now = t0 + 20_000;
    health.telemetry.leaseRenewed(t0 + 35_000);
    expect(health.ready().checks.lease).toEqual({
      ok: true,
      since: '2026-01-01T00:00:20.000Z',
      detail: 'the lease lives until 2026-01-01T00:00:35.000Z',
    });
  });

  it.each(['unavailable', 'internal'] as const)('a store that only says %s counts as silent', (outcome) => {
    const { time, health, answer } = world();
    time.now = t0 + 10_000;
    health.telemetry.leaseRenewed(t0 + 60_000);
    answer(outcome);
    time.now = t0 + 30_000;
    expect(health.ready().ok).toBe(true);
    time.now = t0 + 30_001;
    expect(failing(health.ready())).toEqual({
      store: { since: '2026-01-01T00:00:00.000Z', detail: 'the store has not answered for 30001 ms' },
    });
    answer();
    expect(health.ready().checks.store).toMatchObject({ ok: true, since: '2026-01-01T00:00:30.001Z' });
  });

  it.each(['condition_failed', 'payload_too_large'] as const)('%s is an answer', (outcome) => {
    const { time, health, answer } = world();
    health.telemetry.leaseRenewed(t0 + 60_000);
    time.now = t0 + 30_000;
    answer(outcome);
    time.now = t0 + 60_000;
    expect(health.ready().checks.store).toMatchObject({ ok: true, since: '2026-01-01T00:00:00.000Z' });
  });

  it('a certificate that has run out, or is not valid yet, is none', () => {
    const { time, health, answer } = world();
    time.now = t0 + hour;
    answer();
    health.telemetry.leaseRenewed(time.now + 15_000);
    expect(failing(health.ready())).toEqual({
      certificate: {
        since: '2026-01-01T01:00:00.000Z',
        detail: 'the certificate ran out at 2026-01-01T01:00:00.000Z',
      },
    });
    health.serving({ notBefore: time.now + 1, notAfter: time.now + hour });
    expect(health.ready().checks.certificate).toEqual({
      ok: false,
      since: '2026-01-01T01:00:00.000Z',
      detail: 'the certificate is valid from 2026-01-01T01:00:00.001Z on',
    });
  });

  it('who drains is alive and not ready, from the first word on', () => {
    const { time, health, answer } = world();
    time.now = t0 + 5_000;
    health.draining();
    time.now = t0 + 6_000;
    health.draining();
    answer();
    expect(failing(health.ready())).toEqual({
      draining: {
        since: '2026-01-01T00:00:05.000Z',
        detail: 'the relay stops and sends its proxies away',
      },
    });
    expect(health.live().ok).toBe(true);
  });

  it('an event loop that was held up is neither ready nor alive until it has kept up for a while', () => {
    const { time, eventLoop, health } = world();
    eventLoop.longestMs = 5_000;
    expect(health.live().ok).toBe(true);
    eventLoop.longestMs = 5_001;
    time.now = t0 + 6_000;
    expect(health.live()).toEqual({
      ok: false,
      checks: {
        eventLoop: {
          ok: false,
          since: '2026-01-01T00:00:06.000Z',
          detail: 'the event loop was late by up to 5001 ms in the last seconds',
        },
      },
    });
    time.now = t0 + 7_000;
    expect(failing(health.ready())).toMatchObject({ eventLoop: { since: '2026-01-01T00:00:06.000Z' } });
    eventLoop.longestMs = 2;
    expect(health.live().checks.eventLoop).toMatchObject({ ok: true, since: '2026-01-01T00:00:07.000Z' });
  });
});
