import { afterAll, beforeAll, beforeEach } from 'vitest';
import { isKumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import { type TenantId, tenantId } from '../../model/tenant.ts';
import { pagesOf } from '../pages.ts';
import {
  type Condition,
  ConditionFailedError,
  type Item,
  type ItemKey,
  type ItemStore,
  type Operation,
  type Query,
} from '../port.ts';

/** Starts an engine with an empty table. */
export type StartEngine = (clock: Clock) => Promise<{ readonly items: ItemStore; stop(): Promise<void> }>;

/** One engine, with a tenant of its own for every test, because the table is shared. */
export interface ContractWorld {
  readonly store: ItemStore;
  readonly tenant: TenantId;
  /** Milliseconds since 1970, as the engine is told; tests move it. */
  now: number;
  inSeconds(seconds: number): number;
  /** `done`, or the operations whose conditions did not hold. */
  failedOf(operations: readonly Operation[]): Promise<'done' | readonly number[]>;
  /** `done`, or the code of the error. */
  codeOf(work: Promise<unknown>): Promise<string>;
  /** What a query finds, on all pages. */
  all(query: Query): Promise<readonly Item[]>;
}

export const partition = 'numbers';
export const key = (sort: string): ItemKey => ({ partition, sort });
export const item = (sort: string, rest: Partial<Item> = {}): Item => ({
  partition,
  sort,
  version: 1,
  value: `value of ${sort}`,
  ...rest,
});
export const put = (sort: string, rest: Partial<Item> = {}, condition?: Condition): Operation => ({
  kind: 'put',
  item: item(sort, rest),
  ...(condition === undefined ? {} : { condition }),
});
export const remove = (sort: string, condition?: Condition): Operation => ({
  kind: 'delete',
  key: key(sort),
  ...(condition === undefined ? {} : { condition }),
});
export const check = (sort: string, condition: Condition): Operation => ({
  kind: 'check',
  key: key(sort),
  condition,
});
export const sorts = (items: readonly Item[]) => items.map(({ sort }) => sort);

/** Sets an engine up around the tests of the suite that calls it. */
export function createContractWorld(start: StartEngine): ContractWorld {
  let engine: Awaited<ReturnType<StartEngine>> | undefined;
  let tenant = tenantId('none');
  let count = 0;
  const run = Math.random().toString(36).slice(2, 10);
  const world: ContractWorld = {
    now: Date.now(),
    get store() {
      if (engine === undefined) {
        throw new Error('the engine is started before the tests');
      }
      return engine.items;
    },
    get tenant() {
      return tenant;
    },
    inSeconds: (seconds) => Math.floor(world.now / 1000) + seconds,
    async failedOf(operations) {
      try {
        await world.store.transact(tenant, operations);
        return 'done';
      } catch (error) {
        if (error instanceof ConditionFailedError) {
          return error.failed;
        }
        throw error;
      }
    },
    async codeOf(work) {
      try {
        await work;
        return 'done';
      } catch (error) {
        return isKumulusError(error) ? error.code : String(error);
      }
    },
    async all(query) {
      const found: Item[] = [];
      for await (const page of pagesOf(world.store, tenant, query)) {
        found.push(...page);
      }
      return found;
    },
  };
  beforeAll(async () => {
    engine = await start(() => world.now);
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    world.now = Date.now();
    count += 1;
    tenant = tenantId(`t-${run}-${count}`);
  });
  return world;
}
