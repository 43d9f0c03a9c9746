import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createServer, type Server as TlsServer } from 'node:tls';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import type { Logger } from '../../model/ports.ts';
import { type Door, noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import type { HealthSource } from '../health/health-session.ts';
import { defaultHealthSettings, type HealthSettings } from '../health/specifier.ts';
import type { SessionSource, StreamHello } from '../session.ts';
import { drainingError } from '../status.ts';
import { createAdmission } from '../stream/admission.ts';
import type { BytesCall } from '../stream/bytes-call.ts';
import { createKnownNames } from '../stream/known-names.ts';
import { createLoopShare } from '../stream/loop-share.ts';
import { createOpenStreams } from '../stream/open-streams.ts';
import { createPace } from '../stream/pace.ts';
import { createUnsent } from '../stream/unsent.ts';
import { type BootstrapHandler, createBootstrapEndpoint } from './bootstrap-endpoint.ts';
import { createConnectionWatch } from './connection-watch.ts';
import { createConnections } from './connections.ts';
import { relayHandlers, relayService } from './grpc-service.ts';
import { mostConnections } from './open-files.ts';
import { createReception } from './reception.ts';
import { defaultRelaySettings, type RelaySettings } from './settings.ts';
import { hostWithoutPort, type TenantOf } from './tenant.ts';

/** The server's certificate with its chain, and its key, in PEM. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

export interface RelayServerDeps {
  readonly tls: TlsMaterial;
  readonly sessions: SessionSource;
  /** Where the health goes that proxies report (HDS). */
  readonly health: HealthSource;
  /** {@link defaultHealthSettings} where it says nothing. */
  readonly healthSettings?: Partial<HealthSettings>;
  readonly bootstrap: BootstrapHandler;
  readonly tenantOf: TenantOf;
  /** {@link defaultRelaySettings} where it says nothing. */
  readonly settings?: Partial<RelaySettings>;
  readonly logger: Logger;
  /** Hears what happens; nobody does where it is absent. */
  readonly telemetry?: Telemetry;
}

/** The relay's one port, for bootstraps (HTTP/1.1) and streams (gRPC), both in TLS. */
export interface RelayServer {
  /** Listens; port 0 takes a free one. All addresses unless `host` is given. */
  listen(port: number, host?: string): Promise<AddressInfo>;
  /** New connections are served this certificate; open ones stay. */
  setCertificate(tls: TlsMaterial): void;
  /** What is open now. */
  readonly load: { readonly connections: number; readonly streams: number };
  /** How many have said what they want and wait for their turn. */
  readonly waiting: number;
  /**
   * Takes no more connections, asks peers to open no more streams here, and ends the streams evenly over `graceMs`, so
   * that the other relays get them one after the other. Resolves when all have been told.
   */
  drain(graceMs: number): Promise<void>;
  /** Breaks every connection at once and takes new ones: what a proxy sees of a relay that is replaced by force. */
  breakConnections(): void;
  /** Breaks what is still open. */
  close(): Promise<void>;
}

/** In the order of the server's choice: gRPC clients offer h2 alone, others that offer both want the bootstrap. */
const served = ['http/1.1', 'h2'] as const;

/** A drained peer that does not go by itself is cut off after this, in milliseconds. */
const drainSlackMs = 5_000;

/** Tenants and host names that are remembered because proxies of theirs were let in. */
const maxKnown = 10_000;

function createGrpc(settings: RelaySettings): GrpcServer {
  return new GrpcServer({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': settings.maxStreamsPerConnection,
    'grpc.keepalive_time_ms': settings.pingMs,
    'grpc.keepalive_timeout_ms': settings.pingTimeoutMs,
    'grpc.max_connection_idle_ms': settings.connectionIdleMs,
  });
}

/** Makes the server; it listens once it is told to. */
export function createRelayServer(deps: RelayServerDeps): RelayServer {
  const settings = { ...defaultRelaySettings, ...deps.settings };
  const { logger, telemetry = noTelemetry } = deps;
  const connections = createConnections();
  const clock = () => performance.now();
  const loopShare = createLoopShare({
    share: settings.newcomersShare,
    isShared: () => streams.tenants > 1,
  });
  const admissionOf = (door: Door, maxWaitMs: number) =>
    createAdmission({
      door,
      concurrency: settings.admissionConcurrency,
      queue: settings.admissionQueue,
      queueBytes: settings.admissionQueueBytes,
      maxWaitMs,
      isKnown: knownTenants.has,
      loopShare,
      clock,
      telemetry,
    });
  const knownHosts = createKnownNames(maxKnown);
  const knownTenants = createKnownNames(maxKnown);
  const bootstrapAdmission = admissionOf('bootstraps', settings.bootstrapMaxWaitMs);
  const streamAdmission = admissionOf('streams', settings.admissionMaxWaitMs);
  const watch = createConnectionWatch({
    strangerMs: settings.strangerMs,
    burstBytes: settings.burstBytes,
    bytesPerSecond: settings.bytesPerSecond,
    everyMs: settings.watchMs,
    clock,
    logger,
  });
  const streams = createOpenStreams<BytesCall>({
    breakConnection: (call) => connections.break(call.getPeer()),
    farewellMs: settings.farewellMs,
  });

  const identify = async (call: BytesCall) => {
    const [authorization] = call.metadata.get('authorization');
    const token = typeof authorization === 'string' && authorization !== '' ? authorization : undefined;
    const peer = call.getPeer();
    const servername = connections.servername(peer) ?? hostWithoutPort(call.getHost()).toLowerCase();
    return { tenant: await deps.tenantOf({ servername, token }), token, peer };
  };

  /** The same, and the connections of those who are let in are known to be of use. */
  const welcoming = <Hello extends { readonly peer: string }, Session>(source: {
    open(hello: Hello): Promise<Session>;
  }) => ({
    async open(hello: Hello): Promise<Session> {
      const session = await source.open(hello);
      watch.welcome(hello.peer);
      return session;
    },
  });

  const grpc = createGrpc(settings);
  grpc.addService(
    relayService,
    relayHandlers({
      sessions: welcoming({
        async open(hello: StreamHello) {
          const session = await deps.sessions.open(hello);
          knownTenants.add(hello.tenant);
          knownHosts.add(connections.servername(hello.peer) ?? '');
          return session;
        },
      }),
      health: welcoming(deps.health),
      healthSettings: { ...defaultHealthSettings, ...deps.healthSettings },
      admission: streamAdmission,
      streams,
      logger,
      telemetry,
      firstRequestMs: settings.firstRequestMs,
      settleMs: settings.settleMs,
      answerMs: settings.answerMs,
      delivery: {
        unsent: createUnsent({ maxBytes: settings.maxUnsentBytes, stalledMs: settings.stalledMs, clock }),
        readMs: settings.readMs,
        readBytesPerSecond: settings.readBytesPerSecond,
      },
      newPace: () =>
        createPace({ burst: settings.requestBurst, perSecond: settings.requestsPerSecond, clock }),
      newReportPace: () =>
        createPace({ burst: settings.reportBurst, perSecond: settings.reportsPerSecond, clock }),
      identify,
      departing: (call) => connections.departing(call.getPeer()),
    }),
  );
  // The connections that it is given have been decrypted already.
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http = createBootstrapEndpoint({
    bootstrap: deps.bootstrap,
    tenantOf: deps.tenantOf,
    admission: bootstrapAdmission,
    settings,
    logger,
    telemetry,
    answered: () => reception.wake(),
  });

  const tls: TlsServer = createServer({
    ...deps.tls,
    minVersion: 'TLSv1.2',
    // A list (`ALPNProtocols`) would be copied for every connection, and each copy keep 8 KiB of Node's pool of buffers.
    ALPNCallback: ({ protocols }) => served.find((protocol) => protocols.includes(protocol)),
    handshakeTimeout: settings.handshakeMs,
  });
  tls.on('tlsClientError', (error, socket) => {
    logger.debug('TLS handshake failed', { peer: socket.remoteAddress, reason: error.message });
    socket.destroy();
  });
  tls.on('secureConnection', (socket) => {
    socket.on('error', (error) => logger.debug('connection failed', { reason: error.message }));
    connections.add(socket);
    if (socket.alpnProtocol === 'h2') {
      watch.add(socket);
      injector.injectConnection(socket);
    } else {
      http.accept(socket);
    }
  });

  const reception = createReception({
    handshake(socket) {
      connections.accept(socket);
      tls.emit('connection', socket);
    },
    isKnown: knownHosts.has,
    wantsBootstraps: () => bootstrapAdmission.load.waiting < settings.admissionConcurrency,
    helloMs: settings.handshakeMs,
    streamWaitMs: settings.handshakeMs,
    bootstrapWaitMs: settings.bootstrapHandshakeWaitMs,
    maxWaiting: settings.maxWaitingConnections,
    spreadMs: settings.refusalSpreadMs,
    perTurn: settings.handshakesPerTurn,
    nextTurn: loopShare.whenOpen,
    logger,
  });
  telemetry.queue('handshakes', () => reception.waiting);
  const tcp = createTcpServer({ noDelay: true, keepAlive: true }, reception.accept);
  tcp.maxConnections = Math.min(settings.maxConnections, mostConnections());
  tcp.on('drop', (data) => logger.warn('too many connections', { peer: data?.remoteAddress }));

  let listening = false;
  const stopListening = () => {
    if (listening) {
      listening = false;
      reception.close();
      tcp.close();
    }
  };

  return {
    get load() {
      return { connections: connections.size, streams: streams.size };
    },
    get waiting() {
      return reception.queued + bootstrapAdmission.load.waiting + streamAdmission.load.waiting;
    },
    listen(port, host) {
      return new Promise((resolve, reject) => {
        tcp.once('error', reject);
        tcp.listen({ port, backlog: settings.backlog, ...(host === undefined ? {} : { host }) }, () => {
          tcp.off('error', reject);
          tcp.on('error', (error) => logger.error('the port failed', { reason: error.message }));
          listening = true;
          const address = tcp.address();
          if (address === null || typeof address === 'string') {
            reject(new Error('the server has no port'));
          } else {
            resolve(address);
          }
        });
      });
    },
    setCertificate(material) {
      tls.setSecureContext({ ...material, minVersion: 'TLSv1.2' });
    },
    async drain(graceMs) {
      stopListening();
      http.drain();
      injector.drain(graceMs + drainSlackMs);
      await streams.drain(graceMs, drainingError);
    },
    breakConnections: connections.breakAll,
    async close() {
      const closed = new Promise<void>((resolve) => {
        if (connections.size === 0 && !listening) {
          resolve();
        } else {
          tcp.once('close', () => resolve());
        }
      });
      stopListening();
      watch.stop();
      injector.destroy();
      connections.breakAll();
      grpc.forceShutdown();
      await closed;
    },
  };
}
