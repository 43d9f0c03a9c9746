import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KumulusError } from '../../model/errors.ts';
import { silentLogger } from '../../model/ports.ts';
import { tenantId } from '../../model/tenant.ts';
import { createCredentialWatch } from './credential-watch.ts';
import type { MeshMember } from './mesh-runtime.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const tenant = tenantId('acme');

function createWorld() {
  const members = new Set<MeshMember>();
  const checked: string[] = [];
  const ended: string[] = [];
  /** Credentials that cannot be checked now. */
  const unknown = new Set<string>();
  const world = { now: 0 };
  const watch = createCredentialWatch({
    meshes: {
      get: async () => ({
        join: (member) => void members.add(member),
        leave: (member) => void members.delete(member),
      }),
    },
    clock: () => world.now,
    logger: silentLogger,
  });
  const stream = (name: string, expires = Number.POSITIVE_INFINITY) => {
    const check = async (): Promise<KumulusError | undefined> => {
      checked.push(name);
      if (unknown.has(name)) {
        throw new Error('the table is gone');
      }
      return undefined;
    };
    return watch.watch(tenant, 'default', { expires, check }, ({ message }) =>
      ended.push(`${name} ${world.now} ${message}`),
    );
  };
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      world.now += 1_000;
      await vi.advanceTimersByTimeAsync(1_000);
    }
  };
  const secretsChange = () => {
    const changes = { dataplanes: new Set<string>(), services: new Set<string>() };
    for (const member of members) {
      member.update(
        {
          context: { mesh: 'default', revision: 2, resources: new Map(), services: new Map() },
          authority: undefined,
        },
        { ...changes, types: new Map([['Secret', new Set()]]) },
      );
    }
  };
  return { watch, stream, checked, ended, unknown, pass, secretsChange };
}

describe('the watch over credentials', () => {
  it('ends streams within a second of the end of their credentials, in whatever order they came', async () => {
    const { watch, stream, ended, pass } = createWorld();
    stream('last', 60_500);
    stream('never');
    stream('first', 1_500);
    stream('second', 20_000);
    stream('gone before', 30_000)();
    await pass(70_000);
    const reason = 'the token has expired';
    expect(ended).toStrictEqual([`first 2000 ${reason}`, `second 20000 ${reason}`, `last 61000 ${reason}`]);
    watch.stop();
  });

  it('checks who comes, and everybody when secrets change, but nobody for who comes later', async () => {
    const { watch, stream, checked, pass, secretsChange } = createWorld();
    stream('a');
    await pass(2_000);
    checked.length = 0;
    stream('b');
    stream('c');
    await pass(3_000);
    expect(checked).toStrictEqual(['b', 'c']);
    checked.length = 0;
    secretsChange();
    await pass(1_000);
    expect([...new Set(checked)]).toStrictEqual(['a', 'b', 'c']);
    watch.stop();
  });

  it('checks again what could not be checked, as long as its stream is there', async () => {
    const { watch, stream, checked, unknown, pass } = createWorld();
    unknown.add('a');
    const leave = stream('a');
    await pass(3_000);
    expect(checked.length).toBeGreaterThanOrEqual(3);
    leave();
    checked.length = 0;
    await pass(3_000);
    expect(checked).toStrictEqual([]);
    watch.stop();
  });
});
