import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores, type Stores } from '../../dev/server/stores.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { noTelemetry } from '../../src/model/telemetry.ts';
import { tenantId } from '../../src/model/tenant.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import type { MeshRuntime } from '../../src/xds/runtime/mesh-runtime.ts';
import { createMeshRuntimes, type MeshRuntimes } from '../../src/xds/runtime/mesh-runtimes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const acme = tenantId('acme');
let stores: Stores;
let meshes: MeshRuntimes;
/** What the log was asked for: after which revision, and how many entries. */
let asked: (readonly [revision: number, limit: number | undefined])[];
let missed: number;
let isBroken: boolean;

beforeEach(async () => {
  stores = await openStores(temporaryFolder(), { clock: Date.now, ids: randomUUID, logger: silentLogger });
  const mesh = { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} };
  await stores.resources.commit(acme, [{ kind: 'put', draft: mesh }]);
  asked = [];
  missed = 0;
  isBroken = false;
});
afterEach(async () => {
  meshes.stop();
  await stores.close();
});

function open(overrides: Partial<ResourceStore> = {}): MeshRuntimes {
  const { resources, insights } = stores;
  const watched: ResourceStore = {
    ...resources,
    logAfter(tenant, mesh, revision, limit) {
      asked.push([revision, limit]);
      return isBroken
        ? Promise.reject(new Error('the table is gone'))
        : resources.logAfter(tenant, mesh, revision, limit);
    },
    ...overrides,
  };
  meshes = createMeshRuntimes({
    resources: watched,
    insights,
    newCompiler: createCompiler,
    clock: Date.now,
    logger: silentLogger,
    telemetry: {
      ...noTelemetry,
      hintMissed() {
        missed += 1;
      },
    },
  });
  return meshes;
}

/** A commit of another process: nobody here is told of it. */
async function commit(name = 'timeout'): Promise<number> {
  const draft = { type: 'MeshTimeout', mesh: 'default', name, labels: {}, spec: {} };
  const { revisions } = await stores.resources.commit(acme, [{ kind: 'put', draft }]);
  return revisions.get('default') ?? 0;
}

/** Resolves when members are told of the revision, and asks for nothing. */
function toldOf(runtime: MeshRuntime, revision: number): Promise<void> {
  if (revision > 0 && runtime.now.context.revision >= revision) {
    return Promise.resolve();
  }
  return new Promise((resolve) =>
    runtime.join(
      {
        isTouchedBy: () => true,
        update: ({ context }) => (context.revision >= revision ? resolve() : undefined),
      },
      runtime.now,
    ),
  );
}

describe('a mesh that is held', () => {
  it('follows a hint, and no hint of what it has; of others nobody here is told', async () => {
    const runtime = await open().get(acme, 'default');
    const revision = await commit();
    const told = toldOf(runtime, revision);
    expect(meshes.hint(acme, 'default', revision)).toBe(true);
    await told;
    const before = asked.length;
    for (const known of [revision, revision - 1, 1, 0]) {
      expect(meshes.hint(acme, 'default', known)).toBe(true);
    }
    expect(meshes.hint(acme, 'other', 7)).toBe(false);
    expect(meshes.hint(tenantId('globex'), 'default', 7)).toBe(false);
    expect(asked).toHaveLength(before);
    expect(meshes.size).toBe(1);
  });

  it('follows a hint that came before its log could be read: it is asked again', async () => {
    const runtime = await open().get(acme, 'default');
    meshes.hint(acme, 'default', runtime.now.context.revision + 1);
    const revision = await commit();
    const told = toldOf(runtime, revision);
    meshes.hint(acme, 'default', revision);
    await told;
  });

  it('has not missed what was committed while it was loaded', async () => {
    let revision = 0;
    open({
      async load(tenant, mesh) {
        const state = await stores.resources.load(tenant, mesh);
        revision = await commit();
        meshes.hint(tenant, mesh, revision);
        return state;
      },
    });
    const runtime = await meshes.get(acme, 'default');
    await toldOf(runtime, revision);
    expect(runtime.now.context.revision).toBe(revision);
  });

  it('reads a long log in pages, and is told of it in few rounds', async () => {
    const runtime = await open().get(acme, 'default');
    let revision = 0;
    for (let count = 0; count < 250; count += 1) {
      revision = await commit(`timeout-${count}`);
    }
    const start = runtime.now.context.revision;
    let rounds = 0;
    runtime.join({ isTouchedBy: () => true, update: () => (rounds += 1) }, runtime.now);
    const told = toldOf(runtime, revision);
    meshes.hint(acme, 'default', revision);
    await told;
    expect(asked.slice(0, 3)).toStrictEqual([
      [start, 100],
      [start + 100, 100],
      [start + 200, 100],
    ]);
    expect(runtime.now.context.resources.get('MeshTimeout')?.size).toBe(250);
    expect(rounds).toBeLessThanOrEqual(3);
  });

  it('counts a hint as missed only where the head is ahead of all that was heard', async () => {
    const runtime = await open().get(acme, 'default');
    const revision = await commit();
    const check = async () => {
      const held = meshes.held();
      const revisions = await stores.resources.revisions(held);
      for (const [position, scope] of held.entries()) {
        scope.headSeen(revisions[position] ?? 0);
      }
    };
    const told = toldOf(runtime, revision);
    await check();
    await told;
    expect(missed).toBe(1);
    await check();
    expect(missed).toBe(1);
  });

  it('sees at its head that all of its tenant is gone', async () => {
    let isGone = false;
    const runtime = await open({
      logAfter: (tenant, mesh, revision) =>
        isGone ? Promise.resolve({ kind: 'expired' }) : stores.resources.logAfter(tenant, mesh, revision),
      load: (tenant, mesh) =>
        isGone ? Promise.resolve({ revision: 0, resources: [] }) : stores.resources.load(tenant, mesh),
    }).get(acme, 'default');
    const told = toldOf(runtime, 0);
    isGone = true;
    for (const scope of meshes.held()) {
      scope.headSeen(0);
    }
    await told;
    expect(runtime.now.context.resources.size).toBe(0);
    expect(missed).toBe(0);
  });

  it('lets nobody wait who needs a revision that cannot be read, or when it is let go', async () => {
    const runtime = await open().get(acme, 'default');
    isBroken = true;
    await expect(runtime.reach(99)).rejects.toMatchObject({ code: 'unavailable' });
    isBroken = false;
    const waiting = runtime.reach(99);
    meshes.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await expect(runtime.inTurn(() => 1)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives work its turn, and hands on what it gives and throws', async () => {
    const runtime = await open().get(acme, 'default');
    expect(await runtime.inTurn(() => 'done')).toBe('done');
    const failing = runtime.inTurn(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
  });
});
