import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../model/ports.ts';
import { tenantId } from '../model/tenant.ts';
import { createResourceStore } from '../store/create-resource-store.ts';
import { createEmbeddedStore, type EmbeddedStore } from '../store/embedded/embedded-store.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';
import { createMeshCache } from './mesh-cache.ts';

const acme = tenantId('acme');
let now = Date.parse('2026-11-20T12:00:00Z');
let folder: string;
let items: EmbeddedStore;
let resources: ResourceStore;
/** How often each method of the store was called. */
let calls: { head: number; logAfter: number; load: number };
let store: ResourceStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kumulus-context-'));
  items = createEmbeddedStore({ path: folder, clock: () => now });
  resources = createResourceStore({
    items,
    secretBox: { seal: async (_, text) => text, open: async (_, sealed) => sealed },
    isSecret: () => false,
    clock: () => now,
    logger: silentLogger,
    logSeconds: 60,
  });
  calls = { head: 0, logAfter: 0, load: 0 };
  store = {
    ...resources,
    logAfter(...parameters) {
      calls.logAfter += 1;
      return resources.logAfter(...parameters);
    },
    load(...parameters) {
      calls.load += 1;
      return resources.load(...parameters);
    },
  };
  await resources.commit(acme, [mesh('default')]);
});
afterEach(async () => {
  await items.close();
  await rm(folder, { recursive: true });
});

function mesh(name: string): Change {
  return { kind: 'put', draft: { type: 'Mesh', mesh: '', name, labels: {}, spec: {} } };
}
function dataplane(name: string, inMesh = 'default'): Change {
  const spec = {
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }] },
  };
  return { kind: 'put', draft: { type: 'Dataplane', mesh: inMesh, name, labels: {}, spec } };
}

describe('the cache of meshes', () => {
  it('loads a mesh once and then reads what was committed since', async () => {
    const cache = createMeshCache({ store });
    const first = await cache.read(acme, 'default');
    expect(first.resources.get('Mesh')?.has('default')).toBe(true);
    expect(await cache.read(acme, 'default')).toBe(first);
    await resources.commit(acme, [dataplane('a')]);
    const second = await cache.read(acme, 'default');
    expect(second.services.get('web')?.map((instance) => instance.dataplane)).toStrictEqual(['a']);
    expect(second.revision).toBe((await resources.head(acme, 'default')).revision);
    expect(calls).toStrictEqual({ head: 0, logAfter: 2, load: 1 });
  });

  it('holds the global scope and other tenants apart', async () => {
    const cache = createMeshCache({ store });
    const other = tenantId('globex');
    await resources.commit(other, [mesh('default')]);
    await resources.commit(other, [dataplane('b')]);
    expect([...(await cache.read(acme, '')).resources.keys()]).toStrictEqual(['Mesh']);
    expect((await cache.read(acme, 'default')).services.size).toBe(0);
    expect((await cache.read(other, 'default')).services.size).toBe(1);
  });

  it('shares a read between callers, and gives nobody one that began before he asked', async () => {
    const cache = createMeshCache({ store });
    const early = [cache.read(acme, 'default'), cache.read(acme, 'default'), cache.read(acme, 'default')];
    await resources.commit(acme, [dataplane('a')]);
    const late = await Promise.all([cache.read(acme, 'default'), cache.read(acme, 'default')]);
    expect(late.map(({ services }) => services.size)).toStrictEqual([1, 1]);
    await Promise.all(early);
    expect(calls.load).toBe(1);
    expect(calls.logAfter).toBeLessThanOrEqual(3);
  });

  it('sees every commit that was acknowledged before it was asked', async () => {
    const cache = createMeshCache({ store });
    await Promise.all(
      Array.from({ length: 40 }, async (_, position) => {
        await resources.commit(acme, [dataplane(`dp-${position}`)]);
        const context = await cache.read(acme, 'default');
        expect(context.resources.get('Dataplane')?.has(`dp-${position}`)).toBe(true);
      }),
    );
    expect((await cache.read(acme, 'default')).services.get('web')).toHaveLength(40);
  });

  it('loads anew when the log has gone', async () => {
    const cache = createMeshCache({ store });
    await cache.read(acme, 'default');
    await resources.commit(acme, [dataplane('a')]);
    now += 61_000;
    await resources.commit(acme, [dataplane('b')]);
    const context = await cache.read(acme, 'default');
    expect([...(context.resources.get('Dataplane')?.keys() ?? [])]).toStrictEqual(['a', 'b']);
    expect(calls.load).toBe(2);
  });

  it('follows a mesh that is deleted and made anew', async () => {
    const cache = createMeshCache({ store });
    await resources.commit(acme, [
      { kind: 'put', draft: { type: 'MeshTimeout', mesh: 'default', name: 'old', labels: {}, spec: {} } },
    ]);
    await cache.read(acme, 'default');
    await resources.deleteMesh(acme, 'default');
    expect((await cache.read(acme, 'default')).resources.size).toBe(0);
    await resources.commit(acme, [mesh('default')]);
    await resources.commit(acme, [dataplane('new')]);
    expect([...(await cache.read(acme, 'default')).resources.keys()]).toStrictEqual(['Dataplane', 'Mesh']);
  });

  it('forgets the mesh that was read longest ago, and does not hold what is not there', async () => {
    const cache = createMeshCache({ store, limit: 2 });
    await resources.commit(acme, [mesh('one')]);
    await resources.commit(acme, [mesh('two')]);
    await cache.read(acme, 'one');
    await cache.read(acme, 'two');
    await cache.read(acme, 'one');
    await cache.read(acme, 'no-such-mesh');
    await cache.read(acme, 'default');
    expect(calls.load).toBe(4);
    await cache.read(acme, 'default');
    await cache.read(acme, 'one');
    const loads = calls.load;
    await cache.read(acme, 'two');
    expect(calls.load).toBe(loads + 1);
  });

  it('costs one read again for what is not there, which drives out nothing that is', async () => {
    const cache = createMeshCache({ store, limit: 2 });
    await cache.read(acme, 'default');
    await Promise.all(['x', 'y', 'z'].map((name) => cache.read(acme, name)));
    const before = { ...calls };
    await cache.read(acme, 'default');
    await cache.read(acme, 'z');
    expect(calls).toEqual({ ...before, logAfter: before.logAfter + 2 });
    await resources.commit(acme, [mesh('z')]);
    expect((await cache.read(acme, 'z')).resources.get('Mesh')?.has('z')).toBe(true);
  });

  it('fails for those who asked and works for the next ones', async () => {
    const cache = createMeshCache({
      store: {
        ...store,
        load: async (...parameters) => {
          if (calls.load === 0) {
            calls.load += 1;
            throw new Error('out of reach');
          }
          return resources.load(...parameters);
        },
      },
    });
    const results = await Promise.allSettled([cache.read(acme, 'default'), cache.read(acme, 'default')]);
    expect(results.map(({ status }) => status)).toStrictEqual(['rejected', 'fulfilled']);
    expect((await cache.read(acme, 'default')).mesh).toBe('default');
  });
});
