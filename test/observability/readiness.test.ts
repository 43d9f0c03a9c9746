import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthority } from '../../src/certificates/authority.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { createObservability } from '../../src/observability/observability.ts';
import { createLeases } from '../../src/store/create-leases.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { createMeasuredItems } from '../../src/store/measured-items.ts';
import { createLeaseKeeper } from '../../src/xds/runtime/lease-keeper.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
beforeEach(() => void vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

/** A relay's lease on a real store that can be taken away, and what is said of its readiness. */
async function world() {
  const store = { isGone: false };
  const clock = Date.now;
  const observability = createObservability({ clock, logger: silentLogger, instance: 'relay-1' });
  const engine = createEmbeddedStore({ path: temporaryFolder(), clock });
  const items = createMeasuredItems({
    telemetry: observability.telemetry,
    items: {
      ...engine,
      transact: (owner, operations) =>
        store.isGone
          ? Promise.reject(new KumulusError('unavailable', 'the table could not be reached'))
          : engine.transact(owner, operations),
    },
  });
  const { certificate } = await createAuthority({
    kind: 'ec',
    subject: { organization: 'Kumulus', commonName: 'test' },
    lifetime: 3_600_000,
    now: start,
  });
  const renewals: Promise<unknown>[] = [];
  const leases = createLeases({ items, clock });
  const lease = await createLeaseKeeper({
    leases: {
      ...leases,
      renew(relay, milliseconds) {
        const renewal = leases.renew(relay, milliseconds);
        renewals.push(renewal.catch(() => {}));
        return renewal;
      },
    },
    relay: 'relay-1',
    logger: silentLogger,
    clock,
    telemetry: observability.telemetry,
  });
  /** Lets time pass, and what is due be done, a second at a time. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      vi.advanceTimersByTime(1_000);
      await Promise.all(renewals.splice(0));
      // The keeper goes on once its renewal has ended.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const failing = () => {
    const { ok, checks } = observability.health.ready();
    const found = Object.entries(checks).filter((entry) => !entry[1].ok);
    expect(ok).toBe(found.length === 0);
    return Object.fromEntries(found.map(([name, { since }]) => [name, since]));
  };
  const close = async () => {
    await lease.release();
    await engine.close();
    await observability.stop();
  };
  return { store, observability, certificate, pass, failing, close };
}

describe('/readyz of a relay whose store goes away', () => {
  it('says so when the lease has run out, since when, and no more once it is back', async () => {
    const { store, observability, certificate, pass, failing, close } = await world();
    expect(failing()).toEqual({ certificate: '2026-01-01T00:00:00.000Z' });
    observability.serving(certificate);
    await pass(60);
    expect(failing()).toEqual({});

    store.isGone = true;
    await pass(10);
    expect(failing()).toEqual({});
    await pass(50);
    expect(failing()).toEqual({ lease: '2026-01-01T00:02:00.000Z', store: '2026-01-01T00:01:00.000Z' });
    // The process is not to be restarted for that: it holds what its proxies have.
    expect(observability.health.live().ok).toBe(true);

    store.isGone = false;
    await pass(5);
    expect(failing()).toEqual({});
    await close();
  });

  it('says that it drains and that its certificate ran out, whatever the store says', async () => {
    const { observability, certificate, pass, failing, close } = await world();
    observability.serving(certificate);
    await pass(30);
    observability.health.draining();
    await pass(1);
    expect(failing()).toEqual({ draining: '2026-01-01T00:00:30.000Z' });
    await pass(3_600);
    expect(failing()).toEqual({
      draining: '2026-01-01T00:00:30.000Z',
      certificate: '2026-01-01T01:00:00.000Z',
    });
    await close();
  });
});
