import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { typeUrls } from '../../compile/snapshot.ts';
import { KumulusError } from '../../model/errors.ts';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import { type Propagation, propagationLifeMs } from '../../store/propagation.ts';
import { createPropagationReporter, type PropagationReporter } from './propagation-reporter.ts';

const acme = tenantId('acme');
const start = Date.UTC(2026, 0, 1);

let written: string[];
let isGone: boolean;
/** What a removal waits for. */
let removing: Promise<void> | undefined;
let reporter: PropagationReporter;

/** A table whose writes are told as `told has/proxies`. */
const propagation: Pick<Propagation, 'write' | 'remove'> = {
  async write(_, mesh, relay, { told, proxies, behind }) {
    if (isGone) {
      throw new KumulusError('unavailable', 'the table is gone');
    }
    const missing = behind.reduce((sum, count) => sum + count.proxies, 0);
    written.push(`${Date.now() - start} ${relay} ${mesh} ${told} ${proxies - missing}/${proxies}`);
  },
  async remove(_, mesh) {
    await removing;
    written.push(`${Date.now() - start} removed ${mesh}`);
  },
};

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    now: start,
  });
  written = [];
  isGone = false;
  removing = undefined;
  reporter = createPropagationReporter({
    propagation,
    clock: Date.now,
    logger: silentLogger,
    relay: 'east',
  });
});

afterEach(async () => {
  await reporter.stop();
  vi.useRealTimers();
});

/** Proxies that have everything of revision 5, which is written. */
async function fleet(count: number) {
  const proxies = Array.from({ length: count }, (_, n) => reporter.join(acme, 'shop', `web-${n}`, 5));
  for (const proxy of proxies) {
    proxy.configured(5);
    proxy.completed(5);
  }
  await pass(10_000);
  written = [];
  return proxies;
}

describe('the report of how far a mesh has got', () => {
  it('is one write for a change that all take at once', async () => {
    const proxies = await fleet(100);
    for (const proxy of proxies) {
      proxy.configured(6);
    }
    reporter.told(acme, 'shop', 6);
    await pass(100);
    for (const proxy of proxies) {
      proxy.completed(6);
    }
    await pass(10_000);
    expect(written).toEqual(['10100 east shop 6 100/100']);
  });

  it('is one write for a change that touches nobody, and none where nothing happens', async () => {
    await fleet(3);
    reporter.told(acme, 'shop', 6);
    await pass(3_600_000);
    expect(written).toEqual(['10000 east shop 6 3/3']);
  });

  it('tells who is on the way a second later, and not more often', async () => {
    const proxies = await fleet(10);
    for (const proxy of proxies) {
      proxy.configured(6);
    }
    reporter.told(acme, 'shop', 6);
    for (const proxy of proxies.slice(0, 9)) {
      await pass(300);
      proxy.completed(6);
    }
    await pass(5_000);
    proxies[9]?.completed(6);
    await pass(0);
    expect(written).toEqual([
      '11000 east shop 6 3/10',
      '12200 east shop 6 7/10',
      '13400 east shop 6 9/10',
      '17700 east shop 6 10/10',
    ]);
  });

  it('tells at once who refuses', async () => {
    const [first] = await fleet(2);
    first?.configured(6);
    reporter.told(acme, 'shop', 6);
    first?.rejected(typeUrls.cluster, 'no');
    first?.answered(6, [typeUrls.cluster]);
    await pass(0);
    expect(written).toEqual(['10000 east shop 6 1/2']);
  });

  it('is not more than a write a second while the mesh keeps changing', async () => {
    const proxies = await fleet(3);
    for (let revision = 6; revision < 1_006; revision += 1) {
      for (const proxy of proxies) {
        proxy.configured(revision);
      }
      reporter.told(acme, 'shop', revision);
      await pass(5);
      for (const proxy of proxies) {
        proxy.completed(revision);
      }
      await pass(5);
    }
    await pass(2_000);
    expect(written.length).toBeLessThan(16);
    expect(written.at(-1)).toContain('east shop 1005 3/3');
  });

  it('is not held back where changes come one after the other', async () => {
    const [proxy] = await fleet(1);
    for (let revision = 6; revision < 16; revision += 1) {
      proxy?.configured(revision);
      reporter.told(acme, 'shop', revision);
      await pass(150);
      proxy?.completed(revision);
      await pass(0);
      expect(written.at(-1)).toContain(`east shop ${revision} 1/1`);
    }
  });

  it('is taken away with the last proxy, and written anew for the next', async () => {
    const [first, second] = await fleet(2);
    first?.closed();
    await pass(1_000);
    second?.closed();
    await pass(1_000);
    const third = reporter.join(acme, 'shop', 'web-3', 9);
    third.configured(9);
    third.completed(9);
    await pass(1_000);
    expect(written.map((line) => line.replace(/^\d+ /, ''))).toEqual([
      'east shop 5 1/1',
      'removed shop',
      'east shop 9 1/1',
    ]);
  });

  it('is not written again where it is as before', async () => {
    await fleet(2);
    const brief = reporter.join(acme, 'shop', 'brief', 5);
    brief.closed();
    await pass(10_000);
    expect(written).toEqual([]);
  });

  it('of the next proxies is not taken away by what is left of the ones before', async () => {
    const [first] = await fleet(1);
    let isRemoved = () => {};
    removing = new Promise((resolve) => {
      isRemoved = resolve;
    });
    first?.closed();
    await pass(1_000);
    // The mesh moves while it is taken away.
    reporter.told(acme, 'shop', 6);
    isRemoved();
    await pass(0);
    const next = reporter.join(acme, 'shop', 'web-2', 6);
    next.configured(6);
    next.completed(6);
    await pass(10_000);
    expect(written.at(-1)).toMatch(/east shop 6 1\/1$/);
  });

  it('is kept while the table is gone', async () => {
    const [first] = await fleet(2);
    isGone = true;
    reporter.told(acme, 'shop', 6);
    await pass(60_000);
    first?.closed();
    reporter.told(acme, 'shop', 7);
    isGone = false;
    await pass(15_000);
    expect(written.map((line) => line.replace(/^\d+ /, ''))).toEqual(['east shop 7 1/1']);
  });

  it('is written again before it would be forgotten', async () => {
    await fleet(1);
    await pass(propagationLifeMs * 2);
    expect(written.length).toBeGreaterThan(4);
    expect(written.length).toBeLessThan(8);
  });

  it('is written at the end', async () => {
    const [first, second] = await fleet(2);
    first?.closed();
    second?.closed();
    await reporter.stop();
    expect(written).toEqual(['10000 removed shop']);
  });
});
