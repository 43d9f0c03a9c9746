import type { Item, ItemStore } from '../../../src/store/port.ts';

/** What the later release has added, and this one has never heard of. */
export const added = { since: 'later', parts: [1, { two: 2 }] };
const member = 'addedLater';

/** A text of JSON with more in it than this release knows: a member of each object that it is or holds, a column of each row. */
function grown(text: string): string {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value)) {
    return JSON.stringify(value.map((row) => (Array.isArray(row) ? [...row, added] : row)));
  }
  if (typeof value !== 'object' || value === null) {
    return text;
  }
  const { spec, quotas, settings, changes } = value as Readonly<Record<string, unknown>>;
  return JSON.stringify({
    ...value,
    [member]: added,
    ...(isPlain(spec) && { spec: { ...spec, [member]: added } }),
    ...(isPlain(quotas) && { quotas: { ...quotas, [member]: 7 } }),
    ...(isPlain(settings) && { settings: { ...settings, [member]: added } }),
    ...(Array.isArray(changes) && { changes: changes.map(grownChange) }),
  });
}

/** A change in an entry of the log. */
function grownChange(change: unknown): unknown {
  if (!isPlain(change)) {
    return change;
  }
  const { resource } = change as { readonly resource?: unknown };
  return {
    ...change,
    [member]: added,
    ...(isPlain(resource) && { resource: JSON.parse(grown(JSON.stringify(resource))) }),
  };
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Counts are by name: a later release writes other names, not other members. */
function isCounts({ partition }: Item): boolean {
  return partition === 'usage' || partition.startsWith('budget');
}

/**
 * The table as a later release writes to it: with members and columns that this one does not know, in all that is
 * written as text. What is compressed has forms of its own, which change under new names.
 */
export function laterRelease(items: ItemStore): ItemStore {
  return {
    ...items,
    transact: (owner, operations) =>
      items.transact(
        owner,
        operations.map((operation) => {
          if (operation.kind !== 'put' || typeof operation.item.value !== 'string') {
            return operation;
          }
          const { item } = operation;
          const isJson = /^[[{]/.test(operation.item.value) && !isCounts(item);
          return isJson ? { ...operation, item: { ...item, value: grown(operation.item.value) } } : operation;
        }),
      ),
  };
}
