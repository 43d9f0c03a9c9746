import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Clock, type Logger, silentLogger } from '../../../src/model/ports.ts';
import type { Resource } from '../../../src/model/resource.ts';
import { type TenantId, tenantId } from '../../../src/model/tenant.ts';
import { createResourceStore, type ResourceStoreDeps } from '../../../src/store/create-resource-store.ts';
import { pagesOf } from '../../../src/store/pages.ts';
import type { Item, ItemStore } from '../../../src/store/port.ts';
import type { Change, Expectation, ResourceStore } from '../../../src/store/resource-store.ts';
import { testSecretBox } from './secret-box.ts';

/** Starts an engine with an empty table. */
export type StartEngine = (clock: Clock) => Promise<{ readonly items: ItemStore; stop(): Promise<void> }>;

/** One engine with a tenant of its own for every test. */
export interface World {
  readonly items: ItemStore;
  readonly tenant: TenantId;
  /** Milliseconds since 1970; tests move it. */
  now: number;
  /** A store as another process would open it. */
  open(options?: Partial<ResourceStoreDeps>): ResourceStore;
  /** Every item of the partition. */
  partition(name: string): Promise<readonly Item[]>;
}

/** Sets an engine up around the tests of the suite that calls it. */
export function createWorld(start: StartEngine): World {
  let engine: Awaited<ReturnType<StartEngine>> | undefined;
  let tenant = tenantId('none');
  let count = 0;
  const run = Math.random().toString(36).slice(2, 10);
  const world: World = {
    now: Date.now(),
    get items() {
      if (engine === undefined) {
        throw new Error('the engine is started before the tests');
      }
      return engine.items;
    },
    get tenant() {
      return tenant;
    },
    open: (options) =>
      createResourceStore({
        items: world.items,
        secretBox: testSecretBox,
        isSecret: (type) => type.endsWith('Secret'),
        clock: () => world.now,
        logger: silentLogger,
        ...options,
      }),
    async partition(name) {
      const items: Item[] = [];
      for await (const page of pagesOf(world.items, tenant, { partition: name })) {
        items.push(...page);
      }
      return items;
    },
  };
  beforeAll(async () => {
    engine = await start(() => world.now);
  });
  afterAll(() => engine?.stop());
  beforeEach(() => {
    world.now = Date.now();
    count += 1;
    tenant = tenantId(`r-${run}-${count}`);
  });
  return world;
}

/** A write of a Mesh, and of something in it. */
export function putMesh(name: string, spec: object = {}): Change {
  return { kind: 'put', draft: { type: 'Mesh', mesh: '', name, labels: {}, spec } };
}

export function putIn(
  mesh: string,
  name: string,
  options: { type?: string; spec?: unknown; expect?: Expectation } = {},
): Change {
  const { type = 'MeshTimeout', spec = { name }, expect } = options;
  return {
    kind: 'put',
    draft: { type, mesh, name, labels: {}, spec },
    ...(expect === undefined ? {} : { expect }),
  };
}

export function deleteIn(
  mesh: string,
  name: string,
  options: { type?: string; expect?: Expectation } = {},
): Change {
  const { type = 'MeshTimeout', expect } = options;
  return { kind: 'delete', key: { type, mesh, name }, ...(expect === undefined ? {} : { expect }) };
}

/** A mesh's resources as one text each, sorted, for comparisons. */
export function printed(resources: readonly Resource[]): readonly string[] {
  return resources
    .map(({ type, mesh, name, version, spec }) => JSON.stringify([type, mesh, name, version, spec]))
    .sort();
}

/** How many resources of each type there are. */
export function counted(resources: readonly Resource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of resources) {
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}

/** A log that keeps the messages of warnings and errors. */
export function recordingLogger(): Logger & { readonly messages: string[] } {
  const messages: string[] = [];
  const keep = (message: string) => void messages.push(message);
  return { ...silentLogger, warn: keep, error: keep, messages };
}
