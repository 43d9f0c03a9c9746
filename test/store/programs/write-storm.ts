import { silentLogger } from '../../../src/model/ports.ts';
import { tenantId } from '../../../src/model/tenant.ts';
import { createResourceStore } from '../../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';

/**
 * Writes without end into the folder of its first argument, from many writers at once, and says each write that was
 * acknowledged: `<name> <version> <revision>`.
 */
const items = createEmbeddedStore({ path: process.argv[2] ?? '' });
const tenant = tenantId('acme');
const store = createResourceStore({
  items,
  secretBox: { seal: async (_, text) => text, open: async (_, sealed) => sealed },
  isSecret: () => false,
  clock: Date.now,
  logger: silentLogger,
});

const writer = async (number: number) => {
  for (let round = 0; ; round += 1) {
    const name = `w-${number}-${round % 5}`;
    const spec = { text: 'x'.repeat(200 * (round % 11)) };
    const { resources, revisions } = await store.commit(tenant, [
      { kind: 'put', draft: { type: 'Dataplane', mesh: 'default', name, labels: {}, spec } },
      { kind: 'put', draft: { type: 'MeshRetry', mesh: 'default', name: 'shared', labels: {}, spec } },
    ]);
    process.stdout.write(`${name} ${resources[0]?.version} ${revisions.get('default')}\n`);
    if (round % 20 === 19) {
      await store.commit(tenant, [{ kind: 'delete', key: { type: 'Dataplane', mesh: 'default', name } }]);
      process.stdout.write(`${name} 0 0\n`);
    }
    if (number === 0 && round % 10 === 9) {
      await store.fold(tenant, 'default');
    }
  }
};

await store.commit(tenant, [
  { kind: 'put', draft: { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} } },
]);
process.stdout.write('started 0 0\n');
await Promise.all(Array.from({ length: 12 }, (_, number) => writer(number)));
