import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStores, type Stores } from '../../dev/server/stores.ts';
import type { CompiledProxy, Compiler } from '../../src/compile/compiler.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { silentLogger } from '../../src/model/ports.ts';
import type { Resource } from '../../src/model/resource.ts';
import { SecretValue } from '../../src/model/secret-value.ts';
import { noTelemetry } from '../../src/model/telemetry.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { defaultPolicies } from '../../src/policies/defaults.ts';
import { type Change, maxCommitChanges } from '../../src/store/resource-store.ts';
import { createFairGate } from '../../src/xds/runtime/fair-gate.ts';
import { createFairScheduler } from '../../src/xds/runtime/fair-scheduler.ts';
import { createMeshRuntime, type MeshRuntime } from '../../src/xds/runtime/mesh-runtime.ts';
import { createSession, type Session } from '../../src/xds/runtime/session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { metadata } from './relay-world.ts';
import { stored, writable } from './support/compile-fixture.ts';
import { fleetMember } from './support/fleet.ts';

const tenant = tenantId('acme');
/** 100 proxies of 25 services, four of each; each calls two services. */
const size = { proxies: 100, services: 25, outbounds: 2 };
const admin = { certificate: 'certificate', key: new SecretValue('key'), clientCa: 'authority' };
const record = {
  sent: () => {},
  acknowledged: () => {},
  rejected: () => {},
  configured: () => {},
  notConfigured: () => {},
  completed: () => {},
  answered: () => {},
  identity: () => {},
  closed: () => {},
};

let stores: Stores;
let runtime: MeshRuntime;
let sessions: readonly Session[];
/** Proxies that were compiled, in order, one entry each time. */
let compiled: string[];
/** The proxy that cannot be compiled at the moment. */
let failing: string | undefined;

function counting(): Compiler {
  const compiler = createCompiler();
  return {
    ...compiler,
    compile(input, previous) {
      compiled.push(input.dataplane.name);
      if (input.dataplane.name === failing) {
        throw new Error('no');
      }
      return compiler.compile(input, previous);
    },
  };
}

function put({ type, mesh, name, labels, spec }: Resource): Change {
  return { kind: 'put', draft: { type, mesh, name, labels, spec } };
}

beforeEach(async () => {
  stores = await openStores(temporaryFolder(), { clock: Date.now, ids: randomUUID, logger: silentLogger });
  const { resources, insights } = stores;
  await resources.commit(tenant, [put(resource({ type: 'Mesh', name: 'default' }))]);
  await resources.commit(
    tenant,
    defaultPolicies('default').map((draft) => ({ kind: 'put', draft })),
  );
  const members = Array.from({ length: size.proxies }, (_, at) => put(fleetMember(at, size)));
  await resources.commit(tenant, members.slice(0, maxCommitChanges));
  await resources.commit(tenant, members.slice(maxCommitChanges));
  compiled = [];
  failing = undefined;
  runtime = await createMeshRuntime({
    tenant,
    mesh: 'default',
    resources,
    insights,
    newCompiler: counting,
    scheduler: createFairScheduler(),
    reads: createFairGate(),
    clock: Date.now,
    telemetry: noTelemetry,
    logger: silentLogger,
  });
  sessions = Array.from({ length: size.proxies }, (_, at) => opened(`fleet-${at}`));
  expect(compiled).toHaveLength(size.proxies);
});

afterEach(async () => {
  for (const session of sessions) {
    session.close();
  }
  runtime.stop();
  await stores.close();
});

function opened(name: string, onFinal: (compiled: CompiledProxy) => void = () => {}): Session {
  const session = createSession({
    tenant,
    name,
    metadata: { ...metadata },
    now: () => runtime.now,
    compiler: runtime.compiler,
    admin: () => admin,
    issue: () => undefined,
    record,
    clock: Date.now,
    logger: silentLogger,
    onFinal,
    onClose: runtime.leave,
  });
  runtime.join(session);
  session.update(runtime.now, undefined);
  return session;
}

function resource(document: object): Resource {
  const made = writable({ mesh: 'default', ...document });
  if (made === undefined) {
    throw new Error('this type is known');
  }
  return made;
}

/** Commits, waits until every member has been told, and gives the proxies that were compiled for it. */
async function compiledAfter(...changes: readonly Change[]): Promise<readonly string[]> {
  compiled = [];
  const { revisions } = await stores.resources.commit(tenant, changes);
  const revision = revisions.get('default') ?? 0;
  await new Promise<void>((resolve) => {
    // Members are told in the order in which they joined.
    const last = {
      isTouchedBy: () => true,
      update({ context }: MeshRuntime['now']) {
        if (context.revision >= revision) {
          runtime.leave(last);
          resolve();
        }
      },
    };
    runtime.join(last);
    runtime.hint(revision);
  });
  return compiled.toSorted();
}

const timeout = (name: string, targetRef: object, connectionTimeout: string) =>
  put(
    resource({
      type: 'MeshTimeout',
      name,
      spec: { targetRef, to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout } }] },
    }),
  );
const zipkin = { type: 'Zipkin', zipkin: { url: 'http://zipkin:9411/api/v2/spans' } };
const service = (name: string) => ({ kind: 'MeshService', name });
const named = (...positions: readonly number[]) => positions.map((at) => `fleet-${at}`).toSorted();
const snapshots = () => new Map(sessions.map(({ name, snapshot }) => [name, snapshot]));

describe('a change of 100 proxies compiles', () => {
  it('those that a policy selects, those that it selected, and both where it moves', async () => {
    const before = snapshots();
    expect(await compiledAfter(timeout('some', service('service-3'), '7s'))).toEqual(named(3, 28, 53, 78));
    for (const { name, snapshot } of sessions) {
      expect(snapshot !== before.get(name), name).toBe(named(3, 28, 53, 78).includes(name));
    }
    expect(await compiledAfter(timeout('some', service('service-3'), '8s'))).toEqual(named(3, 28, 53, 78));
    const moved = named(3, 4, 28, 29, 53, 54, 78, 79);
    expect(await compiledAfter(timeout('some', service('service-4'), '8s'))).toEqual(moved);
    const key = { type: 'MeshTimeout', mesh: 'default', name: 'some' };
    expect(await compiledAfter({ kind: 'delete', key })).toEqual(named(4, 29, 54, 79));
    expect(snapshots().get('fleet-5')).toBe(before.get('fleet-5'));
  });

  it('three that a policy names', async () => {
    const targets = [11, 47, 90].map((at) => ({ kind: 'Dataplane', name: `fleet-${at}` }));
    const policies = targets.map((target, at) => timeout(`own-${at}`, target, '9s'));
    expect(await compiledAfter(...policies)).toEqual(named(11, 47, 90));
  });

  it('one that could not be compiled, whatever changes, until it can', async () => {
    failing = 'fleet-3';
    expect(await compiledAfter(timeout('some', service('service-3'), '7s'))).toEqual(named(3, 28, 53, 78));
    const service4 = (value: string) => timeout('other', service('service-4'), value);
    expect(await compiledAfter(service4('7s'))).toEqual(named(3, 4, 29, 54, 79));
    failing = undefined;
    expect(await compiledAfter(service4('8s'))).toEqual(named(3, 4, 29, 54, 79));
    expect(await compiledAfter(service4('9s'))).toEqual(named(4, 29, 54, 79));
  });

  it('all where a policy is for the whole mesh', async () => {
    expect(await compiledAfter(timeout('all', { kind: 'Mesh' }, '7s'))).toHaveLength(size.proxies);
  });

  it('the consumers of a service whose endpoints change', async () => {
    const consumers = sessions.filter(
      ({ snapshot }) => snapshot !== undefined && calls(snapshot, 'service-6'),
    );
    expect(consumers.length).toBeGreaterThan(0);
    const another = { ...fleetMember(size.proxies + 6, size), name: 'another' };
    expect(await compiledAfter(put(another))).toEqual(consumers.map(({ name }) => name).toSorted());
  });

  it.each([
    ['a MeshService', resource({ type: 'MeshService', name: 's', spec: { ports: [{ port: 80 }] } })],
    [
      'a policy of a type that is not applied',
      resource({ type: 'MeshTrace', name: 't', spec: { default: { backends: [zipkin] } } }),
    ],
    [
      'a Secret that is no authority',
      stored({
        type: 'Secret',
        mesh: 'default',
        name: 'mine',
        labels: {},
        spec: { data: new SecretValue('x') },
      }),
    ],
  ])('nothing for %s', async (_, changed) => {
    expect(await compiledAfter(put(changed))).toEqual([]);
  });
});

function calls(snapshot: NonNullable<Session['snapshot']>, cluster: string): boolean {
  return Object.values(snapshot.resources).some((byName) => byName.has(cluster));
}
