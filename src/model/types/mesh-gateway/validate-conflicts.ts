import { field, index, type Violations } from '../../violations.ts';
import type { GatewayListener } from './schema.ts';

/** Listeners of one port become one listener of Envoy, so they must agree, and each have a host name of its own. */
export function validateConflicts(
  violations: Violations,
  path: string,
  listeners: readonly GatewayListener[],
): void {
  for (const positions of groups(listeners, ({ port = 0 }) => port).values()) {
    const onPort = positions.map((position) => ({ position, ...listeners[position] }));
    if (distinct(onPort.map(({ protocol = 'NONE' }) => protocol)) > 1) {
      addAll(violations, path, positions, 'protocol conflicts with other listeners on this port');
    }
    for (const same of groups(onPort, ({ hostname = '*' }) => hostname).values()) {
      if (same.length > 1) {
        const places = same.map((each) => onPort[each]?.position ?? 0);
        addAll(violations, path, places, 'multiple listeners for hostname on this port');
      }
    }
    const limited = onPort.filter(({ resources }) => resources?.connectionLimit !== undefined);
    if (distinct(limited.map(({ resources }) => resources?.connectionLimit)) > 1) {
      for (const { position } of limited) {
        violations.add(
          field(index(path, position), 'resources.connectionLimit'),
          'conflicting values for this port',
        );
      }
    }
  }
}

/** The positions of the items that have the same key. */
function groups<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly number[]> {
  const positions = new Map<Key, number[]>();
  for (const [position, item] of items.entries()) {
    const key = keyOf(item);
    positions.set(key, [...(positions.get(key) ?? []), position]);
  }
  return positions;
}

function distinct(values: readonly unknown[]): number {
  return new Set(values).size;
}

function addAll(violations: Violations, path: string, positions: readonly number[], message: string): void {
  for (const position of positions) {
    violations.add(index(path, position), message);
  }
}
