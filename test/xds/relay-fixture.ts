import { connect, type TLSSocket } from 'node:tls';
import { create } from '@bufbuild/protobuf';
import { expect, onTestFinished } from 'vitest';
import { encodeCluster, encodeListener, encodeLoadAssignment } from '../../src/compile/encoded.ts';
import { type EncodedResource, type Snapshot, type TypeUrl, typeUrls } from '../../src/compile/snapshot.ts';
import { ClusterSchema } from '../../src/envoy/gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ClusterLoadAssignmentSchema } from '../../src/envoy/gen/envoy/config/endpoint/v3/endpoint_pb.ts';
import { ListenerSchema } from '../../src/envoy/gen/envoy/config/listener/v3/listener_pb.ts';
import type { KumulusError } from '../../src/model/errors.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { defaultTenant } from '../../src/model/tenant.ts';
import {
  createRelayServer,
  type RelayServer,
  type RelayServerDeps,
  type TlsMaterial,
} from '../../src/xds/server/relay-server.ts';
import type { Departing, ProxySession, SessionSource, StreamHello } from '../../src/xds/session.ts';
import { makeServerCertificate } from '../support/bootstrap-server.ts';
import { noHealth } from '../support/no-health.ts';

/** A cluster whose content is its name and a number. */
export function cluster(name: string, marker = 1): EncodedResource {
  return encodeCluster(create(ClusterSchema, { name, altStatName: String(marker) }));
}

export function assignment(name: string, marker = 1): EncodedResource {
  return encodeLoadAssignment(
    create(ClusterLoadAssignmentSchema, {
      clusterName: name,
      policy: { overprovisioningFactor: marker },
    }),
  );
}

export function listener(name: string, marker = 1): EncodedResource {
  return encodeListener(create(ListenerSchema, { name, statPrefix: String(marker) }));
}

/** A snapshot of these resources. */
export function snapshotOf(revision: number, resources: readonly EncodedResource[]): Snapshot {
  const maps = Object.values(typeUrls).map((typeUrl): [TypeUrl, ReadonlyMap<string, EncodedResource>] => [
    typeUrl,
    new Map(resources.filter((each) => each.typeUrl === typeUrl).map((each) => [each.name, each])),
  ]);
  const [clusters, endpoints, listeners, routes, secrets] = maps;
  if (!clusters || !endpoints || !listeners || !routes || !secrets) {
    throw new Error('there are five types');
  }
  return {
    revision,
    resources: {
      [typeUrls.cluster]: clusters[1],
      [typeUrls.endpoint]: endpoints[1],
      [typeUrls.listener]: listeners[1],
      [typeUrls.route]: routes[1],
      [typeUrls.secret]: secrets[1],
    },
  };
}

/** What a session was told, in order: `sent`, `acknowledged` or `rejected`, the type and what came with it. */
export type Told = readonly [what: string, typeUrl: TypeUrl, detail: number | string];

/** A session whose snapshots the test hands in. */
export interface TestSession extends ProxySession {
  readonly hello: StreamHello;
  readonly told: readonly Told[];
  /** The revisions of which everything was taken, in the order in which the session was told. */
  readonly completedRevisions: readonly number[];
  readonly closed: Promise<Departing>;
  publish(snapshot: Snapshot): void;
  end(reason: KumulusError): void;
}

function createSession(hello: StreamHello, first: Snapshot | undefined): TestSession {
  let snapshot = first;
  let onSnapshot: ((snapshot: Snapshot) => void) | undefined;
  let onEnd: ((reason: KumulusError) => void) | undefined;
  let close: (how: Departing) => void = () => {};
  const closed = new Promise<Departing>((resolve) => (close = resolve));
  const told: Told[] = [];
  const completed: number[] = [];
  return {
    hello,
    told,
    completedRevisions: completed,
    closed,
    get snapshot() {
      return snapshot;
    },
    onSnapshot(listener) {
      onSnapshot = listener;
      if (snapshot !== undefined) {
        listener(snapshot);
      }
    },
    onEnd(listener) {
      onEnd = listener;
    },
    sent: (typeUrl, revision) => told.push(['sent', typeUrl, revision]),
    acknowledged: (typeUrl, revision) => told.push(['acknowledged', typeUrl, revision]),
    completed: (revision) => void completed.push(revision),
    answered: () => {},
    rejected: (typeUrl, message) => told.push(['rejected', typeUrl, message]),
    close: (how = () => 'left') => close(how),
    publish(newer) {
      snapshot = newer;
      onSnapshot?.(newer);
    },
    end: (reason) => onEnd?.(reason),
  };
}

/** Sessions by the name of their proxy, the newest stream of each. */
export interface TestSessions extends SessionSource {
  readonly all: ReadonlyMap<string, TestSession>;
  readonly opened: number;
  readonly live: number;
  /** The session of a proxy, once its stream is open. */
  of(name: string): Promise<TestSession>;
  /** Called before a session opens; may take its time or throw. */
  admit: (hello: StreamHello) => Promise<void>;
}

export function createSessions(first: (name: string) => Snapshot | undefined): TestSessions {
  const all = new Map<string, TestSession>();
  const waiting = new Map<string, (session: TestSession) => void>();
  const sessions = {
    all,
    opened: 0,
    live: 0,
    admit: async (_hello: StreamHello) => {},
    of(name: string) {
      const session = all.get(name);
      return session === undefined
        ? new Promise<TestSession>((resolve) => waiting.set(name, resolve))
        : Promise.resolve(session);
    },
    async open(hello: StreamHello) {
      await sessions.admit(hello);
      const session = createSession(hello, first(hello.name));
      sessions.opened += 1;
      sessions.live += 1;
      void session.closed.then(() => (sessions.live -= 1));
      all.set(hello.name, session);
      waiting.get(hello.name)?.(session);
      return session;
    },
  };
  return sessions;
}

/** A relay that listens on a free port of this machine, and what its clients trust. */
export interface TestRelay {
  readonly server: RelayServer;
  readonly port: number;
  readonly ca: string;
  readonly material: TlsMaterial;
}

/** How long an end may take where other tests keep the machine busy: what is waited for is an event, not a time. */
const patiently = { timeout: 15_000 };

/** Starts a relay; the test fails where a connection or stream is left open when it ends. */
export async function startRelay(
  deps: Pick<RelayServerDeps, 'sessions'> & Partial<RelayServerDeps>,
): Promise<TestRelay> {
  const { ca, certificate, key } = await makeServerCertificate();
  const material = { cert: certificate, key };
  const server = createRelayServer({
    health: noHealth,
    tls: material,
    bootstrap: async ({ body }) => ({ status: 200, contentType: 'text/plain', body: `echo ${body}` }),
    tenantOf: () => defaultTenant,
    logger: silentLogger,
    ...deps,
  });
  const { port } = await server.listen(0, '127.0.0.1');
  onTestFinished(async () => {
    await expect.poll(() => server.load, patiently).toEqual({ connections: 0, streams: 0 });
    await server.close();
  });
  return { server, port, ca, material };
}

/** A relay that serves one cluster and one listener to everybody. */
export async function startServing(options: Partial<Parameters<typeof startRelay>[0]> = {}) {
  const snapshot = snapshotOf(1, [cluster('a'), listener('in')]);
  const sessions = createSessions(() => snapshot);
  return { sessions, relay: await startRelay({ sessions, ...options }) };
}

/** A bare TLS connection to a relay. */
export async function connectTls(relay: TestRelay, alpn: readonly string[]): Promise<TLSSocket> {
  const socket = connect({
    port: relay.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: relay.ca,
    ALPNProtocols: [...alpn],
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}
