import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/model/ports.ts';
import { createIdempotencyKeys } from '../../../src/store/create-idempotency-keys.ts';
import type {
  IdempotencyClaim,
  IdempotencyOutcome,
  StoredAnswer,
} from '../../../src/store/idempotency-keys.ts';
import { type Item, type Owner, systemOwner } from '../../../src/store/port.ts';
import { testSecretBox } from '../support/secret-box.ts';
import { recordingLogger, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

const answer: StoredAnswer = {
  status: 201,
  headers: [['content-type', 'text/plain']],
  body: 'the-token-of-alice',
};

function claimOf(outcome: IdempotencyOutcome): IdempotencyClaim {
  if (outcome.kind !== 'new') {
    throw new Error(`the key is not new: ${outcome.kind}`);
  }
  return outcome.claim;
}

export function idempotencyCases(world: World): void {
  describe('idempotency keys', () => {
    const open = (claimMs = 60_000, logger = silentLogger) =>
      createIdempotencyKeys({
        items: world.items,
        secretBox: testSecretBox,
        clock: () => world.now,
        logger,
        claimMs,
      });
    const begin = (fingerprint = 'f', user = 'alice', text = 'key', owner: Owner = world.tenant) =>
      open().begin({ owner, user, text }, fingerprint);

    it('give the same answer again for a day, and only for the same request', async () => {
      await claimOf(await begin()).complete(answer);
      expect(await begin()).toStrictEqual({ kind: 'done', answer });
      expect(await begin('g')).toStrictEqual({ kind: 'other-request' });
      world.now += 24 * 3_600_000 - 2000;
      expect(await begin()).toStrictEqual({ kind: 'done', answer });
      world.now += 4000;
      expect((await begin('g')).kind).toBe('new');
    });

    it('are those of one user of one tenant', async () => {
      await claimOf(await begin()).complete(answer);
      const stranger = `${world.tenant}-2` as typeof world.tenant;
      const others = await Promise.all([
        begin('f', 'bob'),
        begin('f', 'alice', 'key-2'),
        begin('f', 'alice', 'key', stranger),
        begin('f', 'alice', world.tenant, systemOwner),
      ]);
      for (const other of others) {
        await claimOf(other).release();
      }
    });

    it('let one of many at the same time do it', async () => {
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => begin()));
      const kinds = outcomes.map(({ kind }) => kind).sort();
      expect(kinds).toStrictEqual(['new', ...Array(11).fill('running')].sort());
      expect(await begin('g')).toStrictEqual({ kind: 'other-request' });
      for (const outcome of outcomes) {
        if (outcome.kind === 'new') {
          await outcome.claim.complete(answer);
        }
      }
      expect((await begin()).kind).toBe('done');
    });

    it('are free again where nothing was done', async () => {
      await claimOf(await begin()).release();
      await claimOf(await begin('g')).release();
    });

    it('of a process that died are free when its claim is over, for one', async () => {
      const dead = claimOf(await begin());
      world.now += 59_000;
      expect(await begin()).toStrictEqual({ kind: 'running', retryAfterSeconds: 1 });
      world.now += 2000;
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => begin()));
      const [taken, ...others] = outcomes.flatMap((each) => (each.kind === 'new' ? each.claim : []));
      expect(others).toStrictEqual([]);
      expect(outcomes.filter(({ kind }) => kind === 'running')).toHaveLength(4);
      // One that was only slow does not overwrite what another one does in its place.
      expect(await resultOf(dead.complete({ ...answer, body: 'late' }))).toContain('ConditionFailedError');
      await taken?.complete(answer);
      expect(await begin()).toStrictEqual({ kind: 'done', answer });
    });

    it('are kept up while a slow process lives', async () => {
      const key = { owner: world.tenant, user: 'alice', text: 'slow' };
      const keys = open(60);
      const slow = claimOf(await keys.begin(key, 'f'));
      for (let round = 0; round < 5; round += 1) {
        world.now += 50;
        // The claim moves with the clock; real time passes only until it has.
        const until = world.now;
        await vi.waitFor(async () => {
          const [item] = (await everything()).filter(({ version }) => version > 1);
          expect(JSON.parse(String(item?.value)).until).toBeGreaterThan(until);
        });
        expect((await keys.begin(key, 'f')).kind).toBe('running');
      }
      await slow.complete(answer);
      expect(await keys.begin(key, 'f')).toStrictEqual({ kind: 'done', answer });
    });

    it('leave no token readable in the table', async () => {
      await claimOf(await begin()).complete(answer);
      const items = await everything();
      expect(items).toHaveLength(1);
      expect(JSON.stringify(items)).not.toMatch(/the-token|alice|text\/plain/);
    });

    it('do not keep an answer that is larger than an item, and say nothing wrong', async () => {
      const logger = recordingLogger();
      const noise = Array.from({ length: 30_000 }, () => Math.random().toString(36)).join('');
      const key = { owner: world.tenant, user: 'alice', text: 'large' };
      await claimOf(await open(60_000, logger).begin(key, 'f')).complete({ ...answer, body: noise });
      expect((await open().begin(key, 'f')).kind).toBe('new');
      expect(logger.messages).toStrictEqual([]);
    });

    /** All items of the tenant's keys. */
    async function everything(): Promise<readonly Item[]> {
      const shards = [...'0123456789abcdef'].map((digit) => world.partition(`idempotency/${digit}`));
      return (await Promise.all(shards)).flat();
    }
  });
}
