import { describe, expect, it } from 'vitest';
import type { RelaySettings } from '../../src/xds/server/settings.ts';
import { type FaultyLink, type FaultyLinkOptions, startFaultyLink } from '../support/faulty-link.ts';
import { cluster, createSessions, listener, snapshotOf, startRelay } from './relay-fixture.ts';
import { startBystanders, tenantByToken } from './support/bystanders.ts';
import { type FaithfulProxy, startFaithfulProxy } from './support/faithful-proxy.ts';

/** Half a megabyte, more than a connection holds on its way. */
const large = Array.from({ length: 500 }, (_, index) => cluster(`${'c'.repeat(400)}-${index}`, 1));
const changed = large.map(({ name }) => cluster(name, 2));
const first = snapshotOf(1, [...large, listener('in')]);

interface Fault {
  readonly fault: string;
  readonly settings: Partial<RelaySettings>;
  readonly link?: FaultyLinkOptions;
  readonly inflict: (link: FaultyLink, proxy: FaithfulProxy) => void;
  /** What happens while a response is on its way. */
  readonly meanwhile?: (link: FaultyLink) => Promise<void>;
  /** How the relay finds out; `not at all` where it need not, for the proxy is served all the same. */
  readonly ends: 'the stream' | 'the connection' | 'not at all';
}

const impatient = { pingMs: 100, pingTimeoutMs: 700 };

const faults: readonly Fault[] = [
  {
    fault: 'half a second late in both ways',
    settings: {},
    inflict: (link) => link.set({ toServer: { latencyMs: 250 }, toClient: { latencyMs: 250 } }),
    ends: 'not at all',
  },
  {
    fault: 'at 400 KB a second',
    settings: {},
    inflict: (link) => link.set({ toClient: { bytesPerSecond: 400_000 } }),
    ends: 'not at all',
  },
  {
    fault: 'at one byte a second towards the proxy',
    settings: impatient,
    inflict: (link) => link.set({ toClient: { bytesPerSecond: 1 } }),
    ends: 'the connection',
  },
  {
    fault: 'at one byte a second towards the relay',
    settings: impatient,
    inflict: (link) => link.set({ toServer: { bytesPerSecond: 1 } }),
    ends: 'the connection',
  },
  {
    fault: 'silent in both ways, without an end',
    settings: impatient,
    inflict: (link) => link.silence(),
    ends: 'the connection',
  },
  {
    fault: 'silent towards the proxy',
    settings: impatient,
    inflict: (link) => link.silence('toClient'),
    ends: 'the connection',
  },
  {
    fault: 'silent towards the relay',
    settings: impatient,
    inflict: (link) => link.silence('toServer'),
    ends: 'the connection',
  },
  {
    fault: 'half open: the proxy has gone, and nothing says so',
    settings: impatient,
    inflict: (link) => link.orphan(),
    ends: 'the connection',
  },
  { fault: 'cut', settings: {}, inflict: (link) => link.cut('end'), ends: 'the connection' },
  { fault: 'reset', settings: {}, inflict: (link) => link.cut('reset'), ends: 'the connection' },
  {
    fault: 'reset in the middle of a response',
    settings: {},
    inflict: (link) => link.set({ toClient: { bytesPerSecond: 200_000 } }),
    async meanwhile(link) {
      const before = link.carried.toClient;
      await expect.poll(() => link.carried.toClient, { interval: 5 }).toBeGreaterThan(before + 20_000);
      link.cut('reset');
    },
    ends: 'the connection',
  },
  {
    fault: 'slow to tell that the proxy has gone',
    settings: {},
    inflict(link, proxy) {
      link.set({ toServer: { endDelayMs: 300 } });
      proxy.stream.session.destroy();
    },
    ends: 'the connection',
  },
  {
    fault: 'said twice to the relay, over two connections',
    settings: {},
    link: { duplicate: true },
    inflict() {},
    ends: 'not at all',
  },
  {
    fault: 'as it should be, and that reads nothing, though it answers pings',
    settings: { readMs: 700, readBytesPerSecond: 1024 ** 3, farewellMs: 50 },
    inflict: (_link, proxy) => proxy.stream.pause(),
    ends: 'the stream',
  },
  {
    fault: 'as it should be, and that reads everything and answers nothing',
    settings: { answerMs: 1000, readBytesPerSecond: 1024 ** 3 },
    inflict(_link, proxy) {
      proxy.answersNothing = true;
    },
    ends: 'the stream',
  },
];

describe('a proxy behind a link that is', () => {
  it.each(faults)('$fault: costs nobody else, and has what is newest in the end', async (row) => {
    let newest = first;
    const sessions = createSessions((name) => (name === 'faulty' ? newest : undefined));
    const relay = await startRelay({ sessions, settings: row.settings, tenantOf: tenantByToken });
    const bystanders = await startBystanders(relay, sessions);
    const link = await startFaultyLink(relay.port, row.link);
    const proxy = startFaithfulProxy({ ...relay, port: link.port }, { name: 'faulty' });
    await proxy.holds(...large);
    const session = await sessions.of('faulty');
    await expect.poll(() => session.told.filter(([what]) => what === 'acknowledged').length).toBe(2);

    row.inflict(link, proxy);
    const before = session.told.length;
    for (let revision = 2; revision <= 100; revision += 1) {
      session.publish(snapshotOf(revision, [...changed, cluster('step', revision), listener('in')]));
    }
    await row.meanwhile?.(link);
    await bystanders.areServed();
    if (row.ends === 'not at all') {
      expect(proxy.ends).toEqual([]);
    } else {
      await session.closed;
    }
    // Whatever changed while it was not heard of: a response, and the newest one after it, not one a change.
    const sent = session.told.slice(before).filter(([what]) => what === 'sent');
    expect(sent.length).toBeLessThanOrEqual(2);
    await bystanders.areServed();

    proxy.answersNothing = false;
    link.heal();
    if (row.ends !== 'not at all') {
      await expect.poll(() => sessions.all.get('faulty') !== session, { timeout: 5_000 }).toBe(true);
    }
    newest = snapshotOf(101, [...changed, cluster('step', 101), listener('in', 2)]);
    sessions.all.get('faulty')?.publish(newest);
    await proxy.holds(...changed, cluster('step', 101), listener('in', 2));
    expect(bystanders.undisturbed).toBe(true);
  });
});
