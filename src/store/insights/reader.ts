import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Item, ItemStore } from '../port.ts';
import { readHeads } from '../resources/before.ts';
import { decodeHead, type GenerationCache } from '../resources/head.ts';
import { headKey, insightsPartition } from '../resources/keys.ts';
import { createSharedRefresh } from '../shared-refresh.ts';
import { checkpointKey, decodeCheckpoint, decodePiece, pieceKey, pieceOf } from './checkpoint.ts';
import { applyEntry, type HeldInsights, heldFrom, type InsightScope } from './held.ts';
import { decodeJournalItem, journalKey, journalQuery, pageSizes } from './journal.ts';

export interface InsightReaderDeps {
  readonly items: ItemStore;
  readonly generations: GenerationCache;
  /** Meshes that are held at the same time. */
  readonly limit: number;
  /** Of the rings. */
  readonly places: number;
}

/** Holds the insights of meshes, and follows their journals. */
export interface InsightReader {
  /** With all that was written before the call; undefined where there is no such mesh. */
  refresh(tenant: TenantId, mesh: string): Promise<HeldInsights | undefined>;
  /** As they were last seen; refreshed where they are not held. */
  recent(tenant: TenantId, mesh: string): Promise<HeldInsights | undefined>;
  /**
   * With all that was written before the call of these proxies at least: what is held, or else just the pieces that they
   * are in and the journal after them, which nobody holds afterwards. Where they are in most pieces the mesh is held.
   */
  some(tenant: TenantId, mesh: string, names: readonly string[]): Promise<HeldInsights | undefined>;
  isHeld(tenant: TenantId, mesh: string): boolean;
}

const maxLoadAttempts = 5;

/** The ring has gone once around since: what is missing cannot be had any more. */
class OvertakenError extends Error {}

/** Creates the reading half of the insights. */
export function createInsightReader({ items, generations, limit, places }: InsightReaderDeps): InsightReader {
  const shared = createSharedRefresh<HeldInsights | undefined>(limit);

  /**
   * Applies an item that was found in the place of the entry `revision`. False where it is not that entry: then there
   * is none yet. An entry that was applied meanwhile, as by a writer of this process, is passed over.
   *
   * @throws OvertakenError
   */
  function take(
    held: HeldInsights,
    revision: number,
    item: Item | undefined,
    isIn?: (name: string, at: number) => boolean,
  ): boolean {
    if (item === undefined || item.version < revision) {
      return revision <= held.revision;
    }
    if (revision > held.revision) {
      if (item.version > revision) {
        throw new OvertakenError();
      }
      applyEntry(held, decodeJournalItem(item), isIn && ((name) => isIn(name, revision)));
    }
    return true;
  }

  /** Reads on until the place after the last entry. */
  async function follow(
    held: HeldInsights,
    firstPage: number,
    isIn?: (name: string, at: number) => boolean,
  ): Promise<void> {
    for (let page = firstPage; ; page += 1) {
      const start = held.revision + 1;
      const count = pageSizes[Math.min(page, pageSizes.length - 1)] ?? 1;
      const { items: found, next } = await items.query(held.tenant, journalQuery(held, start, count));
      const byPlace = new Map(found.map((item) => [item.sort, item]));
      const isCut = next !== undefined || (start % held.places) + count > held.places;
      for (let revision = start; revision < start + count; revision += 1) {
        const item = byPlace.get(journalKey(held, revision).sort);
        if (item === undefined && revision > start && isCut) {
          break;
        }
        if (!take(held, revision, item, isIn)) {
          return;
        }
      }
    }
  }

  /**
   * The newest checkpoint and the journal after it; undefined where either was replaced while it was read.
   *
   * @param names whose insights are wanted; all where it is absent.
   * @returns `'most'` where they are in most of the pieces, which are not read then.
   */
  async function load(
    scope: InsightScope,
    names?: ReadonlySet<string>,
  ): Promise<HeldInsights | 'most' | undefined> {
    const { tenant, partition } = scope;
    const checkpoint = decodeCheckpoint(await items.get(tenant, checkpointKey(partition)));
    const { layout, pieces } = checkpoint;
    const wanted =
      names === undefined || pieces.length === 0
        ? [...pieces.keys()]
        : [...new Set([...names].map((name) => pieceOf(name, pieces.length)))];
    if (names !== undefined && wanted.length * 2 >= pieces.length) {
      return 'most';
    }
    const found = await items.batchGet(
      tenant,
      wanted.map((piece) => pieceKey(partition, layout, piece)),
    );
    if (found.includes(undefined)) {
      return undefined;
    }
    const records = found.flatMap((item) => (item === undefined ? [] : decodePiece(item)));
    const isWanted = (name: string) => names?.has(name) ?? true;
    const held = heldFrom(
      scope,
      checkpoint,
      records.filter(({ name }) => isWanted(name)),
    );
    const ahead = new Map(wanted.map((piece, at) => [piece, found[at]?.version ?? 0]));
    try {
      await follow(
        held,
        1,
        (name, at) => !isWanted(name) || at <= (ahead.get(pieceOf(name, pieces.length)) ?? 0),
      );
    } catch (error) {
      if (error instanceof OvertakenError) {
        return undefined;
      }
      throw error;
    }
    return held;
  }

  async function loadMesh(
    tenant: TenantId,
    mesh: string,
    names?: ReadonlySet<string>,
  ): Promise<HeldInsights | undefined> {
    for (let attempt = 1; attempt <= maxLoadAttempts; attempt += 1) {
      const [head] = await readHeads(items, generations, tenant, [mesh]);
      if (head?.exists !== true) {
        return undefined;
      }
      const { generation } = head;
      const partition = insightsPartition(mesh, generation);
      const scope = { tenant, mesh, generation, partition, places };
      const held = await load(names === undefined ? scope : { ...scope, isPartial: true }, names);
      if (held === 'most') {
        return refresh(tenant, mesh);
      }
      if (held !== undefined) {
        return held;
      }
    }
    throw new KumulusError('unavailable', `the insights of mesh ${mesh} were replaced while they were read`, {
      retryAfterSeconds: 1,
    });
  }

  /** One read where nothing changed: of the mesh's head, and of the place where the next entry will be. */
  async function advance(held: HeldInsights): Promise<HeldInsights | undefined> {
    const { tenant, mesh } = held;
    const next = held.revision + 1;
    const place = journalKey(held, next);
    const [headItem, item] =
      mesh === ''
        ? [undefined, await items.get(tenant, place)]
        : await items.batchGet(tenant, [headKey(mesh), place]);
    const head = decodeHead(mesh, headItem);
    if (!head.exists || head.generation !== held.generation) {
      return loadMesh(tenant, mesh);
    }
    try {
      if (take(held, next, item)) {
        await follow(held, 0);
      }
      return held;
    } catch (error) {
      if (error instanceof OvertakenError) {
        return loadMesh(tenant, mesh);
      }
      throw error;
    }
  }

  function refresh(tenant: TenantId, mesh: string): Promise<HeldInsights | undefined> {
    return shared.read(`${tenant}/${mesh}`, (before) =>
      before === undefined ? loadMesh(tenant, mesh) : advance(before),
    );
  }

  const isHeld = (tenant: TenantId, mesh: string) => shared.last(`${tenant}/${mesh}`) !== undefined;

  return {
    refresh,
    recent: async (tenant, mesh) => shared.last(`${tenant}/${mesh}`) ?? refresh(tenant, mesh),
    some: (tenant, mesh, names) =>
      isHeld(tenant, mesh) ? refresh(tenant, mesh) : loadMesh(tenant, mesh, new Set(names)),
    isHeld,
  };
}
