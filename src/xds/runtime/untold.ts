import type { ContextChanges } from '../../context/mesh-context.ts';
import type { Resource } from '../../model/resource.ts';

/** The changes of many steps, put together until somebody is told of them. */
export interface Untold {
  /** @param changes Of one step; undefined where anything may have changed. */
  add(changes: ContextChanges | undefined): void;
  /** All that was added since it was taken the last time; undefined where anything may have changed. */
  take(): ContextChanges | undefined;
}

interface Collected extends ContextChanges {
  readonly dataplanes: Set<string>;
  readonly services: Set<string>;
  readonly types: Map<string, Set<Resource>>;
}

const nothing = (): Collected => ({ dataplanes: new Set(), services: new Set(), types: new Map() });

function addAll<T>(to: Set<T>, from: Iterable<T>): void {
  for (const each of from) {
    to.add(each);
  }
}

/** Collects changes; each costs its own size, however much is there already. */
export function createUntold(): Untold {
  let collected: Collected | undefined = nothing();
  return {
    add(changes) {
      if (changes === undefined) {
        collected = undefined;
      } else if (collected !== undefined) {
        addAll(collected.dataplanes, changes.dataplanes);
        addAll(collected.services, changes.services);
        for (const [type, versions] of changes.types) {
          const all = collected.types.get(type) ?? new Set();
          collected.types.set(type, all);
          addAll(all, versions);
        }
      }
    },
    take() {
      const taken = collected;
      collected = nothing();
      return taken;
    },
  };
}
