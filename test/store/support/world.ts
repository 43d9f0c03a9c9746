import { type Logger, silentLogger } from '../../../src/model/ports.ts';
import type { Resource } from '../../../src/model/resource.ts';
import type { TenantId } from '../../../src/model/tenant.ts';
import { createContractWorld, type StartEngine } from '../../../src/store/contract/world.ts';
import { createResourceStore, type ResourceStoreDeps } from '../../../src/store/create-resource-store.ts';
import type { Item, ItemStore } from '../../../src/store/port.ts';
import type { Change, Expectation, ResourceStore } from '../../../src/store/resource-store.ts';
import { testSecretBox } from './secret-box.ts';

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
  const engine = createContractWorld(start);
  const world: World = {
    get now() {
      return engine.now;
    },
    set now(time) {
      engine.now = time;
    },
    get items() {
      return engine.store;
    },
    get tenant() {
      return engine.tenant;
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
    partition: (name) => engine.all({ partition: name }),
  };
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
