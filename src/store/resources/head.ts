import type { TenantId } from '../../model/tenant.ts';
import type { Item, Operation } from '../port.ts';
import type { Head } from '../resource-store.ts';
import { dataPartition, firstGeneration, globalGeneration, headKey } from './keys.ts';

/** A head as it is stored. */
export interface StoredHead extends Head {
  /** Which generation of the mesh it is; kept, as a tombstone, when the mesh is deleted. */
  readonly generation: number;
  /** False while there is no such mesh; always true beside the meshes. */
  readonly exists: boolean;
  /**
   * Of what is beside the meshes, where a tenant of the same name was deleted: a revision that none of its histories
   * reached. Meshes that are made start after it, so that nobody who still holds an old one takes the new log for its
   * continuation.
   */
  readonly floor?: number;
  /** What the entries of the log after the snapshot take, in bytes, about. */
  readonly logBytes?: number;
  /** The item's own version, counted with every write; undefined where there is no item yet. */
  readonly itemVersion: number | undefined;
}

/** The head of what was never written. */
export function initialHead(mesh: string): StoredHead {
  return {
    revision: 0,
    counts: {},
    snapshotRevision: 0,
    generation: globalGeneration,
    exists: mesh === '',
    itemVersion: undefined,
  };
}

/** Reads a head's item; the head of what was never written where there is none. */
export function decodeHead(mesh: string, item: Item | undefined): StoredHead {
  if (item === undefined) {
    return initialHead(mesh);
  }
  const stored = JSON.parse(String(item.value)) as Omit<StoredHead, 'itemVersion'>;
  return { ...stored, itemVersion: item.version };
}

/** Writes `next` where `current` is still there, with all that a later release has added to that. */
export function putHead(mesh: string, current: StoredHead, next: Omit<StoredHead, 'itemVersion'>): Operation {
  const { itemVersion: _, ...stored } = { itemVersion: undefined, ...next };
  return {
    kind: 'put',
    item: {
      ...headKey(mesh),
      version: (current.itemVersion ?? 0) + 1,
      value: JSON.stringify(stored),
    },
    condition: current.itemVersion === undefined ? { absent: true } : { version: current.itemVersion },
  };
}

/** Where the resources and the log of the mesh are, going by its head. */
export function partitionOf(mesh: string, head: Pick<StoredHead, 'generation'>): string {
  return dataPartition(mesh, head.generation);
}

/**
 * Remembers the generations of meshes, so that a resource can be asked for together with the head that tells whether
 * the generation is still the right one.
 */
export interface GenerationCache {
  /** The generation as it was read last; where it never was, the one that is the likeliest. */
  get(tenant: TenantId, mesh: string): number;
  set(tenant: TenantId, mesh: string, generation: number): void;
}

/** Creates a cache that forgets the oldest entries beyond `limit`. */
export function createGenerationCache(limit: number): GenerationCache {
  const generations = new Map<string, number>();
  return {
    get: (tenant, mesh) =>
      mesh === '' ? globalGeneration : (generations.get(`${tenant}/${mesh}`) ?? firstGeneration),
    set(tenant, mesh, generation) {
      const key = `${tenant}/${mesh}`;
      generations.delete(key);
      generations.set(key, generation);
      const oldest = generations.keys().next();
      if (generations.size > limit && oldest.done === false) {
        generations.delete(oldest.value);
      }
    },
  };
}
