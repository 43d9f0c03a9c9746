import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLeases } from './create-leases.ts';
import { createEmbeddedStore } from './embedded/embedded-store.ts';

it('leases live as long as they are renewed, to the millisecond', async () => {
  let now = Date.parse('2026-11-20T12:00:00.250Z');
  const folder = await mkdtemp(join(tmpdir(), 'kumulus-leases-'));
  const items = createEmbeddedStore({ path: folder, clock: () => now });
  const leases = createLeases({ items, clock: () => now });
  expect(await leases.list()).toStrictEqual([]);
  await leases.renew('relay-b', 10_000);
  await leases.renew('relay-a', 5_500);
  expect(await leases.list()).toStrictEqual([
    { relay: 'relay-a', expires: now + 5_500 },
    { relay: 'relay-b', expires: now + 10_000 },
  ]);
  now += 5_499;
  expect(await leases.list()).toHaveLength(2);
  now += 1;
  expect((await leases.list()).map(({ relay }) => relay)).toStrictEqual(['relay-b']);
  await leases.renew('relay-a', 1_000);
  await leases.release('relay-b');
  await leases.release('relay-c');
  expect(await leases.list()).toStrictEqual([{ relay: 'relay-a', expires: now + 1_000 }]);
  now += 60_000;
  const dead = await leases.dead();
  expect(dead).toStrictEqual([
    { relay: 'relay-a', expires: now - 59_000, renewed: now - 60_000 },
    { relay: 'relay-b', expires: now - 60_000, renewed: now - 60_000 },
    { relay: 'relay-c', expires: now - 60_000, renewed: now - 60_000 },
  ]);
  await leases.renew('relay-a', 1_000);
  for (const lease of dead) {
    await leases.bury(lease);
  }
  expect(await leases.dead()).toStrictEqual([]);
  expect((await leases.list()).map(({ relay }) => relay)).toStrictEqual(['relay-a']);

  // Where a relay is told of commits is in its lease, also once it is dead, for as long as the relay has it.
  await leases.renew('relay-a', 1_000, 'queue-of-a');
  expect(await leases.list()).toStrictEqual([
    { relay: 'relay-a', expires: now + 1_000, queue: 'queue-of-a' },
  ]);
  await leases.release('relay-a', 'queue-of-a');
  expect(await leases.dead()).toMatchObject([{ relay: 'relay-a', queue: 'queue-of-a' }]);
  await leases.release('relay-a');
  expect(await leases.dead()).toStrictEqual([{ relay: 'relay-a', expires: now, renewed: now }]);
  await items.close();
  await rm(folder, { recursive: true });
});
