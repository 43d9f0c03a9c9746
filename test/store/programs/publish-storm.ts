import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHistory } from '../../../src/events/history.ts';
import { silentLogger } from '../../../src/model/ports.ts';
import { tenantId } from '../../../src/model/tenant.ts';
import { createResourceStore } from '../../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';

/**
 * Writes without end into the folder of its first argument, with a bus that takes its time, so that there is always
 * something between commit and publication. Says what was acknowledged (`committed <name> <version>`) and what was
 * published (`published <id of the event>`).
 */
const items = createEmbeddedStore({ path: process.argv[2] ?? '' });
const tenant = tenantId('acme');
const history = createHistory({
  items,
  clock: Date.now,
  ids: randomUUID,
  logger: silentLogger,
  retentionDays: () => 90,
  bus: {
    async publish(events) {
      await sleep(5);
      for (const { id } of events) {
        process.stdout.write(`published ${id}\n`);
      }
    },
  },
  waits: false,
});
const store = createResourceStore({
  items,
  secretBox: { seal: async (_, text) => text, open: async (_, sealed) => sealed },
  isSecret: () => false,
  clock: Date.now,
  logger: silentLogger,
  trail: history.trail,
});

const writer = async (number: number) => {
  for (let round = 0; ; round += 1) {
    const draft = { type: 'MeshRetry', mesh: 'default', name: `w-${number}`, labels: {}, spec: { round } };
    const { resources } = await store.commit(tenant, [{ kind: 'put', draft }]);
    process.stdout.write(`committed ${draft.name} ${resources[0]?.version}\n`);
  }
};

await store.commit(tenant, [
  { kind: 'put', draft: { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} } },
]);
await Promise.all(Array.from({ length: 4 }, (_, number) => writer(number)));
