import { type Clock, type Logger, silentLogger } from '../model/ports.ts';
import { createInsightFolder } from './insights/folder.ts';
import { viewOf } from './insights/held.ts';
import { defaultPlaces } from './insights/journal.ts';
import { createInsightReader } from './insights/reader.ts';
import { decodeInsight } from './insights/record.ts';
import { createInsightWriter } from './insights/writer.ts';
import type { Insights, InsightsView } from './insights.ts';
import { isStorableName } from './limits.ts';
import type { ItemStore } from './port.ts';
import { type ContentionOptions, createContender } from './resources/contention.ts';
import { createGenerationCache } from './resources/head.ts';

export interface InsightsDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  /** Told of journals that could not be folded; nobody unless given. */
  readonly logger?: Logger;
  /** Meshes whose insights are held in memory; 200 unless told. */
  readonly limit?: number;
  /**
   * For who writes seldom and to many meshes, as jobs do: a mesh is not loaded whole to change a few of its insights.
   */
  readonly isSparse?: boolean;
  /** Entries that the journal of a mesh holds; 2,048 unless a test tells otherwise. */
  readonly places?: number;
  /** For tests; see {@link ContentionOptions}. */
  readonly contention?: ContentionOptions;
}

const generationLimit = 10_000;
const defaultLimit = 200;
const nothing: InsightsView = { revision: 0, records: new Map() };

/**
 * Creates the insights of proxies: a journal a mesh, and checkpoints of it. They belong to a generation of their mesh, so
 * those of a deleted mesh are never seen in one that is made anew.
 */
export function createInsights(deps: InsightsDeps): Insights {
  const { items, clock, logger = silentLogger, limit = defaultLimit, places = defaultPlaces } = deps;
  const generations = createGenerationCache(generationLimit);
  const reader = createInsightReader({ items, generations, limit, places });
  const folder = createInsightFolder({ items, logger });
  const contender = createContender(deps.contention);
  const { isSparse = false } = deps;
  const writer = createInsightWriter({ items, reader, folder, contender, clock, isSparse });

  const read: Insights['read'] = async (tenant, mesh) => {
    const held = await reader.refresh(tenant, mesh);
    return held === undefined ? nothing : viewOf(held);
  };

  return {
    read,
    async get(tenant, mesh, name) {
      const record = (await reader.refresh(tenant, mesh))?.records.get(name);
      return record === undefined ? undefined : decodeInsight(mesh, record);
    },
    async pick(tenant, mesh, names) {
      const held = await reader.some(tenant, mesh, names);
      return new Map(
        names.flatMap((name) => {
          const record = held?.records.get(name);
          return record === undefined ? [] : [[name, decodeInsight(mesh, record)] as const];
        }),
      );
    },
    async list(tenant, mesh) {
      const { records } = await read(tenant, mesh);
      return [...records.values()]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((record) => decodeInsight(mesh, record));
    },
    async update(tenant, mesh, name, change) {
      if (name !== '' && isStorableName(name)) {
        await writer.write(tenant, mesh, { name, change });
      }
    },
    delete: (tenant, mesh, name, when = () => true) =>
      writer.write(tenant, mesh, {
        name,
        change: (current) => (current === undefined || when(current) ? 'none' : undefined),
      }),
    idle: folder.idle,
  };
}
