import { describe, expect, it } from 'vitest';
import { tenantId } from '../../model/tenant.ts';
import { createFairGate } from './fair-gate.ts';

/** A gate and the reads that are under way, which end when the test says so. */
function createWorld(options: { width: number; perTenant: number }) {
  let length = () => 0;
  const gate = createFairGate({
    ...options,
    telemetry: {
      queue(_, ask) {
        length = ask;
        return () => {
          length = () => -1;
        };
      },
      waited() {},
    },
  });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    gate,
    waiting: () => length(),
    settled,
    read: (tenant: string, name: string) =>
      gate.run(tenantId(tenant), () => {
        begun.push(name);
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
      }),
    async end(name: string) {
      ends.get(name)?.();
      await settled();
    },
    fail: () => gate.run(tenantId('acme'), () => Promise.reject(new Error('gone'))),
  };
}

describe('the gate', () => {
  it('lets so many run at once and the others in their turn', async () => {
    const world = createWorld({ width: 2, perTenant: 2 });
    const reads = ['a', 'b', 'c', 'd'].map((name) => world.read('acme', name));
    await world.settled();
    expect(world.begun).toStrictEqual(['a', 'b']);
    expect(world.waiting()).toBe(2);
    await world.end('b');
    expect(world.begun).toStrictEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd']) {
      await world.end(name);
    }
    expect(await Promise.all(reads)).toStrictEqual(['a', 'b', 'c', 'd']);
    expect(world.waiting()).toBe(0);
    world.gate.stop();
    expect(world.waiting()).toBe(-1);
  });

  it('keeps places free of a tenant that has many reads, however slow they are', async () => {
    const world = createWorld({ width: 4, perTenant: 2 });
    for (let count = 0; count < 50; count += 1) {
      void world.read('acme', `acme ${count}`);
    }
    void world.read('globex', 'globex');
    await world.settled();
    expect(world.begun).toStrictEqual(['acme 0', 'acme 1', 'globex']);
  });

  it('takes tenants in turn', async () => {
    const world = createWorld({ width: 1, perTenant: 1 });
    for (const name of ['acme 0', 'acme 1', 'acme 2', 'globex 0', 'globex 1', 'initech 0']) {
      void world.read(name.split(' ')[0] ?? '', name);
    }
    await world.settled();
    for (let count = 0; count < 5; count += 1) {
      await world.end(world.begun.at(-1) ?? '');
    }
    expect(world.begun).toStrictEqual(['acme 0', 'acme 1', 'globex 0', 'initech 0', 'acme 2', 'globex 1']);
  });

  it('is left by what fails', async () => {
    const world = createWorld({ width: 1, perTenant: 1 });
    for (let count = 0; count < 3; count += 1) {
      await expect(world.fail()).rejects.toThrow('gone');
    }
    void world.read('globex', 'after');
    await world.settled();
    expect(world.begun).toStrictEqual(['after']);
  });
});
