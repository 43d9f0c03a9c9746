import type { ItemStore, Owner } from '../../src/store/port.ts';

/** A table that tells what is asked of it, without the name of the tenant. */
export function noted(items: ItemStore, note: (call: string) => void): ItemStore {
  const tell = (what: string, owner: Owner, partitions: readonly string[]) =>
    note(`${what} ${owner.startsWith(':') ? owner : 'tenant'} ${partitions.join(' ')}`);
  return {
    ...items,
    get(owner, key) {
      tell('get', owner, [key.partition]);
      return items.get(owner, key);
    },
    batchGet(owner, keys) {
      tell(
        'batchGet',
        owner,
        keys.map(({ partition }) => partition),
      );
      return items.batchGet(owner, keys);
    },
    query(owner, query) {
      tell('query', owner, [query.partition]);
      return items.query(owner, query);
    },
    transact(owner, operations) {
      tell('transact', owner, [String(operations.length)]);
      return items.transact(owner, operations);
    },
  };
}
