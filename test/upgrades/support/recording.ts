import type { Item, ItemStore, Operation, Owner } from '../../../src/store/port.ts';

/** A table as a release left it, and what that release saw in it. */
export interface TableRecording {
  /** Milliseconds since 1970: when it was read. */
  readonly time: number;
  /** The local master key's file: of test data, and good for nothing else. */
  readonly masterKey: string;
  readonly items: readonly RecordedItem[];
  readonly seen: unknown;
}

/** An item with its owner; what is compressed is base64. */
export interface RecordedItem extends Omit<Item, 'value'> {
  readonly owner: Owner;
  readonly text?: string;
  readonly base64?: string;
}

/** A table that remembers what is in it. */
export function remembered(items: ItemStore) {
  const kept = new Map<string, RecordedItem>();
  const nameOf = (owner: Owner, partition: string, sort: string) => [owner, partition, sort].join('\n');
  const keep = (caller: Owner, operation: Operation) => {
    const owner = operation.owner ?? caller;
    if (operation.kind === 'put') {
      const { value, ...item } = operation.item;
      const content =
        typeof value === 'string' ? { text: value } : { base64: Buffer.from(value).toString('base64') };
      kept.set(nameOf(owner, item.partition, item.sort), { owner, ...item, ...content });
    } else if (operation.kind === 'delete') {
      kept.delete(nameOf(owner, operation.key.partition, operation.key.sort));
    }
  };
  const store: ItemStore = {
    ...items,
    async transact(owner, operations) {
      await items.transact(owner, operations);
      for (const operation of operations) {
        keep(owner, operation);
      }
    },
  };
  return { store, recorded: (): readonly RecordedItem[] => [...kept.values()] };
}

/** Puts what was recorded into an empty table. */
export async function restore(items: ItemStore, recorded: readonly RecordedItem[]): Promise<void> {
  for (const { owner, text, base64, ...item } of recorded) {
    const value = text ?? Buffer.from(base64 ?? '', 'base64');
    await items.transact(owner, [{ kind: 'put', item: { ...item, value } }]);
  }
}
