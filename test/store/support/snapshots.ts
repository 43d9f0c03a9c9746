import { randomBytes } from 'node:crypto';
import { beforeEach } from 'vitest';
import type { Resource } from '../../../src/model/resource.ts';
import type { Change, ResourceStore } from '../../../src/store/resource-store.ts';
import { dataPartition } from '../../../src/store/resources/keys.ts';
import { decodeSnapshotItem } from '../../../src/store/resources/snapshot.ts';
import { printed, putIn, putMesh, type World } from './world.ts';

/** A world with a mesh `default`, and what its snapshots look like in the table. */
export function createSnapshotWorld(world: World) {
  let store: ResourceStore;
  const commit = (...changes: Change[]) => store.commit(world.tenant, changes);
  const fold = () => store.fold(world.tenant, 'default');
  const load = () => world.open().load(world.tenant, 'default');
  const pieces = async (mesh = 'default') =>
    (await world.partition(dataPartition(mesh, 1))).filter(({ sort }) => sort.startsWith('s/'));
  const pieceNames = async (mesh = 'default') => (await pieces(mesh)).map(({ sort }) => sort.slice(2)).sort();
  const snapshotItem = async (mesh = 'default') => {
    const partition = await world.partition(dataPartition(mesh, 1));
    return decodeSnapshotItem(partition.find(({ sort }) => sort === 'snapshot'));
  };
  const listedPieces = async (mesh = 'default') => {
    const { base, deltas } = await snapshotItem(mesh);
    return [...base, ...deltas].map(({ name }) => name).sort();
  };
  const printedItems = async (mesh = 'default') => {
    const partition = await world.partition(dataPartition(mesh, 1));
    const texts = partition.filter(({ sort }) => sort.startsWith('r/')).map(({ value }) => String(value));
    return printed(texts.map((text) => JSON.parse(text) as Resource));
  };
  /** Text that does not compress. */
  const noise = (length: number) => randomBytes(length).toString('base64').slice(0, length);
  /** 300 resources. */
  const fill = async () => {
    for (let start = 0; start < 300; start += 30) {
      await commit(
        ...Array.from({ length: 30 }, (_, position) =>
          putIn('default', `n-${start + position}`, { type: 'Dataplane' }),
        ),
      );
    }
  };
  beforeEach(async () => {
    store = world.open();
    await commit(putMesh('default'));
  });
  return {
    /** The store of the test that runs. */
    get store() {
      return store;
    },
    commit,
    fold,
    load,
    pieces,
    pieceNames,
    snapshotItem,
    listedPieces,
    printedItems,
    noise,
    fill,
  };
}
