import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { openStores, type Stores } from '../../dev/server/stores.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createMeshRuntimes } from '../../src/xds/runtime/mesh-runtimes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const acme = tenantId('acme');
let stores: Stores;
afterEach(async () => {
  vi.restoreAllMocks();
  await stores.close();
});

it('keeps few meshes that there are not, those asked for last, and all that there are', async () => {
  stores = await openStores(temporaryFolder(), { clock: Date.now, ids: randomUUID, logger: silentLogger });
  const { resources, insights } = stores;
  const mesh = { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} };
  await resources.commit(acme, [{ kind: 'put', draft: mesh }]);
  const meshes = createMeshRuntimes({
    resources,
    insights,
    newCompiler: createCompiler,
    clock: Date.now,
    logger: silentLogger,
    maxEmpty: 3,
  });
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const load = vi.spyOn(resources, 'load');
  const there = await meshes.get(acme, 'default');
  for (let count = 0; count < 10; count += 1) {
    await meshes.get(acme, `ghost-${count}`);
    now += 1_000;
  }
  expect(load).toHaveBeenCalledTimes(11);
  expect(await meshes.get(acme, 'default')).toBe(there);
  await meshes.get(acme, 'ghost-9');
  expect(load).toHaveBeenCalledTimes(11);
  await meshes.get(acme, 'ghost-0');
  expect(load).toHaveBeenCalledTimes(12);
  meshes.stop();
});
