import { otherLabel } from './tenant-labels.ts';

/** How many proxies of one mesh are connected in one protocol. */
export interface ConnectedProxies {
  readonly tenant: string;
  readonly mesh: string;
  readonly protocol: string;
  readonly count: number;
}

/** Counts the connected proxies of each mesh. Costs one entry a mesh that has any. */
export function createConnectedProxies() {
  const counts = new Map<string, { -readonly [Key in keyof ConnectedProxies]: ConnectedProxies[Key] }>();
  return {
    /** Adds one, or takes one away. */
    add(tenant: string, mesh: string, protocol: string, change: 1 | -1): void {
      const key = `${tenant}/${mesh}/${protocol}`;
      const entry = counts.get(key) ?? { tenant, mesh, protocol, count: 0 };
      entry.count += change;
      if (entry.count === 0) {
        counts.delete(key);
      } else {
        counts.set(key, entry);
      }
    },
    /** The `limit` largest, and what the rest is together, by protocol, under {@link otherLabel}. */
    largest(limit: number): readonly ConnectedProxies[] {
      const all = [...counts.values()];
      if (all.length <= limit) {
        return all;
      }
      all.sort((a, b) => b.count - a.count);
      const rest = new Map<string, number>();
      for (const { protocol, count } of all.slice(limit)) {
        rest.set(protocol, (rest.get(protocol) ?? 0) + count);
      }
      const others = [...rest].map(([protocol, count]) => ({
        tenant: otherLabel,
        mesh: otherLabel,
        protocol,
        count,
      }));
      return [...all.slice(0, limit), ...others];
    },
  };
}
