import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyEntries, contextOf } from '../../context/apply.ts';
import type { ContextChanges } from '../../context/mesh-context.ts';
import { silentLogger } from '../../model/ports.ts';
import { noTelemetry } from '../../model/telemetry.ts';
import { tenantId } from '../../model/tenant.ts';
import { createFairScheduler } from './fair-scheduler.ts';
import { createMeshMembers } from './mesh-members.ts';
import type { MeshMember, MeshNow } from './mesh-runtime.ts';

const tenant = tenantId('acme');
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The members of a mesh, in time that the test makes pass; being told takes a member so long. */
function createWorld(costMs = 0) {
  const told: string[] = [];
  const rounds: number[] = [];
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
  const start = performance.now();
  let stepped = 0;
  const flow = createFairScheduler({ turnMs: 4, sliceMs: 2, now: () => performance.now() + stepped }).flow(
    tenant,
  );
  let state: MeshNow = {
    context: contextOf('default', { revision: 1, resources: [] }),
    authority: undefined,
  };
  const members = createMeshMembers({
    tenant,
    mesh: 'default',
    state,
    flow,
    onTold: () => rounds.push(performance.now() - start),
    logger,
    telemetry: noTelemetry,
  });
  const member = (name: string, services?: readonly string[], onTold = () => {}): MeshMember => ({
    isTouchedBy: (changes) => services === undefined || services.some((each) => changes.services.has(each)),
    update({ context }) {
      stepped += costMs;
      told.push(`${name} ${context.revision}`);
      onTold();
    },
  });
  /** One endpoint more of a service; of none, anything may have changed. */
  const change = (service?: string) => {
    const { context, changes } = applyEntries(state.context, [
      { revision: state.context.revision + 1, time: 0, changes: [] },
    ]);
    const revision = state.context.revision + 1;
    state = { ...state, context: { ...context, revision } };
    const touched: ContextChanges = { ...changes, services: new Set(service === undefined ? [] : [service]) };
    members.tell(state, service === undefined ? undefined : touched);
  };
  return { members, member, change, told, rounds, errors, now: () => state };
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('members of a mesh', () => {
  it('are told at once of what touches them, and of anything where that is not known', async () => {
    const { members, member, change, told } = createWorld();
    members.join(member('web', ['db']));
    members.join(member('batch', ['queue']));
    change('db');
    expect(told).toStrictEqual(['web 2']);
    await pass(100);
    change();
    expect(told.slice(1)).toStrictEqual(['web 3', 'batch 3']);
    await pass(1);
    expect(members.told).toBe(3);
  });

  it('are told once of many changes that come during a round, and of none that they have', async () => {
    const { members, member, change, told, now } = createWorld();
    members.join(member('first', undefined, () => told.length === 1 && ['a', 'b', 'c'].forEach(change)));
    change('db');
    members.join(member('later'), now());
    await pass(2_000);
    expect(told).toStrictEqual(['first 2', 'first 5']);
    change('db');
    await pass(2_000);
    expect(told.slice(2)).toStrictEqual(['first 6', 'later 6']);
  });

  it('who are told late in a round get the newest, and everybody what came in it', async () => {
    const { members, member, change, told } = createWorld();
    members.join(member('first', ['db', 'queue'], () => told.length === 1 && change('queue')));
    members.join(member('second', ['db']));
    members.join(member('third', ['queue']));
    change('db');
    await pass(2_000);
    expect(told.slice(0, 2)).toStrictEqual(['first 2', 'second 3']);
    expect(told.slice(2)).toStrictEqual(['first 3', 'third 3']);
    expect(members.told).toBe(3);
  });

  it('have left once they have', async () => {
    const { members, member, change, told } = createWorld();
    const second = member('second');
    members.join(member('first', undefined, () => members.leave(second)));
    members.join(second);
    change('db');
    await pass(2_000);
    expect(told).toStrictEqual(['first 2']);
    expect(members.size).toBe(1);
  });

  it('are told although one of them fails, which is logged', async () => {
    const { members, member, change, told, errors } = createWorld();
    members.join(
      member('first', undefined, () => {
        throw new Error('no');
      }),
    );
    members.join(member('second'));
    change('db');
    await pass(10);
    expect(told).toStrictEqual(['first 2', 'second 2']);
    expect(errors).toStrictEqual(['members of the mesh could not be told']);
  });

  it.each([
    { costMs: 0.05, touched: 50, everyMs: 10, restMs: 5 },
    { costMs: 0.1, touched: 50, everyMs: 20, restMs: 10 },
    { costMs: 0.3, touched: 1_000, everyMs: 700, restMs: 600 },
    { costMs: 3, touched: 1_000, everyMs: 1_600, restMs: 1_000 },
  ])('rest twice as long as $touched of them took with $costMs ms each, at most a second', async (row) => {
    const { members, member, change, rounds } = createWorld(row.costMs);
    for (let count = 0; count < row.touched; count += 1) {
      members.join(member(`m${count}`));
    }
    // Those that joined make the first rest a long one.
    change('db');
    await pass(5_000);
    rounds.length = 0;
    for (let ms = 0; ms < 8_000; ms += 10) {
      change('db');
      await pass(10);
    }
    // The first ones rest less.
    const later = rounds.slice(3);
    const spans = later.slice(1).map((round, index) => round - (later[index] ?? 0));
    expect(Math.max(...spans)).toBeLessThanOrEqual(row.everyMs);
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(row.restMs);
  });

  it('rest little after a change that comes by itself', async () => {
    const { members, member, change, rounds } = createWorld(0.4);
    for (let count = 0; count < 1_000; count += 1) {
      members.join(member(`m${count}`));
    }
    for (let round = 0; round < 3; round += 1) {
      change('db');
      await pass(3_000);
      const before = rounds.length;
      change('db');
      await pass(300);
      change('db');
      await pass(300);
      // The second waits for a quarter of 400 ms.
      expect(rounds.length - before).toBeGreaterThanOrEqual(round === 0 ? 1 : 2);
      await pass(3_000);
    }
  });

  it.each([
    [1, 60],
    [10, 510],
    [100, 3_010],
  ])('rest longer while %i come: for up to %i ms', async (joining, everyMs) => {
    const { members, member, change, rounds } = createWorld();
    for (let ms = 0; ms < 5_000; ms += 10) {
      if (ms % 1_000 < joining * 10) {
        members.join(member(`m${ms}`, []));
      }
      change('db');
      await pass(10);
    }
    const spans = rounds.map((round, index) => round - (rounds[index - 1] ?? round));
    const longest = Math.max(...spans);
    expect(longest).toBeGreaterThan(everyMs / 4);
    expect(longest).toBeLessThanOrEqual(everyMs);
  });

  /** Somebody comes each 100 ms, and every time an endpoint of a service changes. */
  const goOn = async ({ members, member, change }: ReturnType<typeof createWorld>, ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      members.join(member(`late-${passed}`, []));
      change('db');
      await pass(100);
    }
  };

  /** A fleet that starts: so many came at once that the next round is seconds away unless somebody hurries it. */
  const starting = async (roundMs = 0) => {
    const size = 250;
    const world = createWorld(roundMs / size);
    for (let count = 0; count < size; count += 1) {
      world.members.join(world.member(`m${count}`, ['db']));
    }
    world.change('db');
    await goOn(world, 300);
    expect(world.rounds).toHaveLength(1);
    return world;
  };

  it.each([
    ['a policy', 1_000, undefined, 0],
    ['an endpoint', 3_000, 'db', 0],
    ['a policy', 1_000, undefined, 500],
    ['an endpoint', 4_000, 'db', 500],
    ['an endpoint', 10_000, 'db', 2_000],
  ])('are told of %s within %i ms while a fleet starts', async (_, withinMs, service, roundMs) => {
    const world = await starting(roundMs);
    world.change(service);
    await goOn(world, 12_000);
    const [first = 0, second = 0] = world.rounds;
    // The round itself runs in turns of its own, which pass quickly here.
    expect(second - first).toBeLessThanOrEqual(withinMs + 100 + roundMs / 4);
    expect(second - first).toBeGreaterThan(withinMs - 100);
  });

  it('are told soon after the last of a fleet came', async () => {
    const world = await starting();
    await pass(250);
    expect(world.rounds).toHaveLength(2);
  });

  it('are told nothing once stopped', async () => {
    const { members, member, change, told } = createWorld();
    members.join(member('first'));
    members.stop();
    change('db');
    await pass(2_000);
    expect(told).toStrictEqual([]);
  });
});
