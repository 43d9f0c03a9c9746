import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KumulusError } from '../model/errors.ts';
import { type Logger, silentLogger } from '../model/ports.ts';
import { tenantId } from '../model/tenant.ts';
import type { AuditBatch } from '../store/audit/audit-log.ts';
import type { AuditRecord } from '../store/audit/audit-record.ts';
import type { OutboxEntry } from '../store/outbox/outbox.ts';
import type { ItemKey } from '../store/port.ts';
import type { KumulusEvent } from './event.ts';
import { createPublisher, type PublisherDeps } from './publisher.ts';

const acme = tenantId('acme');
const author = { user: 'alice', groups: [], source: 'api' as const };
const draft = (name: string) => ({ author, action: 'CREATE' as const, type: 'Zone', mesh: '', name });
const batch = (name: string): AuditBatch => ({
  tenant: acme,
  id: name,
  time: 0,
  drafts: [draft(name)],
  partition: 'audit/1970-01-01',
  prefix: name,
  operations: [],
  written() {},
});
const key = (name: string): ItemKey => ({ partition: 'outbox/0', sort: `0/${name}` });

/** A publisher with an outbox in memory and a bus that can be held up or broken. */
function setUp(options: Partial<PublisherDeps> = {}) {
  const published: string[] = [];
  const removed: string[] = [];
  const warnings: string[] = [];
  const left = new Map<string, OutboxEntry>();
  let gate: Promise<void> = Promise.resolve();
  let broken = false;
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const publisher = createPublisher({
    clock: () => 60_000,
    logger,
    waits: false,
    bus: {
      async publish(events: readonly KumulusEvent[]) {
        await gate;
        if (broken) {
          throw new KumulusError('unavailable', 'the bus is broken');
        }
        published.push(...events.map(({ subject }) => subject));
      },
    },
    outbox: {
      enter: () => {
        throw new Error('the trail enters, not the publisher');
      },
      async remove({ sort }) {
        removed.push(sort);
        left.delete(sort);
      },
      async *entries(until) {
        yield* [...left.values()].filter(({ time }) => time <= until);
      },
      async records({ prefix }): Promise<readonly AuditRecord[]> {
        return [{ ...draft(prefix), id: randomUUID(), time: new Date(0).toISOString() }];
      },
    },
    ...options,
  });
  return {
    publisher,
    published,
    removed,
    warnings,
    hold() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    breakBus(isBroken: boolean) {
      broken = isBroken;
    },
    leave(name: string, time = 0) {
      const { sort } = key(name);
      left.set(sort, { key: key(name), tenant: acme, time, partition: '', prefix: name });
    },
  };
}

describe('the publisher', () => {
  it('publishes in the order in which things were written, and empties the outbox', async () => {
    const { publisher, published, removed } = setUp();
    for (let n = 0; n < 120; n += 1) {
      await publisher.publish(batch(`n-${n}`), key(`n-${n}`));
    }
    await publisher.idle();
    expect(published).toStrictEqual(Array.from({ length: 120 }, (_, n) => `Zone/n-${n}`));
    expect(new Set(removed)).toStrictEqual(new Set(published.map((text) => text.replace('Zone', '0'))));
  });

  it('does not hold a commit up in a server, and does in a function', async () => {
    const server = setUp();
    const release = server.hold();
    await server.publisher.publish(batch('a'), key('a'));
    expect(server.published).toStrictEqual([]);
    release();
    await server.publisher.idle();
    expect(server.published).toStrictEqual(['Zone/a']);

    const inFunction = setUp({ waits: true });
    let answered = false;
    const go = inFunction.hold();
    const answer = inFunction.publisher.publish(batch('a'), key('a')).then(() => {
      answered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    go();
    await answer;
    expect([inFunction.published, inFunction.removed]).toStrictEqual([['Zone/a'], ['0/a']]);
  });

  it.each([true, false])('leaves what the bus does not take to the sweep (waits: %j)', async (waits) => {
    const { publisher, removed, warnings, breakBus, published } = setUp({ waits });
    breakBus(true);
    await publisher.publish(batch('a'), key('a'));
    await publisher.idle();
    expect([removed, warnings]).toStrictEqual([[], ['events could not be published and will be later']]);
    breakBus(false);
    await publisher.publish(batch('b'), key('b'));
    await publisher.idle();
    expect([published, removed]).toStrictEqual([['Zone/b'], ['0/b']]);
  });

  it('leaves more than it can hold to the sweep', async () => {
    const { publisher, published, hold } = setUp();
    const release = hold();
    for (let n = 0; n < 10_200; n += 1) {
      await publisher.publish(batch(`n-${n}`), key(`n-${n}`));
    }
    release();
    await publisher.idle();
    // The first fifty were on their way already.
    expect(published.length).toBeGreaterThanOrEqual(10_000);
    expect(published.length).toBeLessThan(10_200);
  });

  it('sweeps what is old enough', async () => {
    const { publisher, published, leave } = setUp();
    leave('old', 10_000);
    leave('new', 59_000);
    expect(await publisher.sweep(30_000)).toBe(1);
    expect(published).toStrictEqual(['Zone/old']);
    expect(await publisher.sweep(0)).toBe(1);
    expect(await publisher.sweep(0)).toBe(0);
  });

  it('gives a sweep up where the bus is out of reach, and goes on the next time', async () => {
    const { publisher, warnings, leave, breakBus, published } = setUp();
    for (let n = 0; n < 10; n += 1) {
      leave(`n-${n}`);
    }
    breakBus(true);
    expect(await publisher.sweep(0)).toBe(0);
    expect(warnings).toHaveLength(3);
    breakBus(false);
    expect(await publisher.sweep(0)).toBe(10);
    expect(published).toHaveLength(10);
  });
});
