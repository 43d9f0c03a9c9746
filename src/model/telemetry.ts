import type { ErrorCode } from './errors.ts';
import type { TenantId } from './tenant.ts';

/** The protocols of a relay's streams: the two of ADS, and health checks. */
export type StreamProtocol = 'delta' | 'sotw' | 'hds';

/** How a stream ended: by the proxy, or with an error. */
export type StreamEnd = 'by_proxy' | ErrorCode;

/** Where a relay lets in only as many at once as it can serve. */
export type Door = 'streams' | 'bootstraps';

/** The calls of the port of items (`ItemStore`). */
export type StoreCall = 'get' | 'batchGet' | 'query' | 'transact';

/** How a call of the store ended; a condition that did not hold is an answer and no failure. */
export type StoreOutcome = 'ok' | 'condition_failed' | ErrorCode;

/**
 * What the parts of the control plane tell of what they do. Calls are synchronous, cost less than a microsecond or two
 * and never throw. Nobody learns from here how it is counted: the relay and the local server make metrics of it
 * (`src/observability`), functions nothing. Texts are never secrets; those that say which one of a kind (`name`) are
 * constants of the code, for each makes a series of its own. Times are milliseconds.
 */
export interface Telemetry {
  /** A proxy was let in; tell its own object what happens to it. */
  proxyConnected(tenant: TenantId, mesh: string, protocol: 'delta' | 'sotw'): ProxyTelemetry;
  /** A stream began; whether its proxy is let in is not known yet. */
  streamOpened(protocol: StreamProtocol): void;
  /** A stream that was told of is over, let in or not, `ms` after it began. */
  streamEnded(protocol: StreamProtocol, how: StreamEnd, ms: number): void;
  /** A `POST /bootstrap` was answered with that HTTP status. */
  bootstrapAnswered(status: number, ms: number): void;
  /** Somebody came through a door after waiting for so long. */
  admitted(door: Door, waitedMs: number): void;
  /** Somebody was told at a door to come back after so many seconds. */
  turnedAway(door: Door, retryAfterSeconds: number): void;
  /** Dataplanes that proxies brought along were written together, or could not be. */
  registered(dataplanes: number, ms: number, outcome: 'ok' | ErrorCode): void;
  /** A mesh was loaded whole, from a snapshot and the log after it. */
  meshLoaded(tenant: TenantId, mesh: string, ms: number): void;
  /** A commit arrived in the relay's state of the mesh, so long after it was made. */
  changeSeen(tenant: TenantId, mesh: string, msFromCommit: number): void;
  /** A mesh was found to have moved without a hint of it: one was lost. */
  hintMissed(): void;
  /** Snapshots of so many proxies of one mesh were brought up to date, in so much time of the event loop. */
  compiled(tenant: TenantId, mesh: string, proxies: number, ms: number): void;
  /** The store answered; each call of the port counts once, however often the engine tried. */
  storeCalled(call: StoreCall, outcome: StoreOutcome, ms: number): void;
  /** The engine tries a call again: it was throttled, conflicted, or was not answered. */
  storeRetried(reason: 'throttled' | 'conflict' | 'no_answer'): void;
  /** The relay's lease was written and lives up to then, in milliseconds since 1970; undefined: it could not be written. */
  leaseRenewed(expires: number | undefined): void;
  /** A scheduled job ended. */
  jobEnded(name: string, outcome: 'ok' | 'failed', ms: number): void;
  /**
   * Something that waits in line somewhere: `length` is asked when somebody looks; what has the same name is added up.
   * Call what is given back when the queue is no more.
   */
  queue(name: string, length: () => number): () => void;
  /** One left a queue after so long. */
  waited(name: string, ms: number): void;
}

/** What happens to one connected proxy. */
export interface ProxyTelemetry {
  /** A response was handed to the transport. */
  pushed(typeUrl: string, bytes: number): void;
  /** The proxy took a response. */
  acknowledged(typeUrl: string): void;
  /**
   * The proxy has taken everything that changes made of its configuration, so long after the commit of the oldest of
   * them. What it is given when it connects is no change.
   */
  completed(msFromCommit: number): void;
  /** The proxy refused a response. */
  rejected(typeUrl: string): void;
  /** The proxy is gone; nothing may be told of it afterwards. */
  disconnected(): void;
}

const noProxyTelemetry: ProxyTelemetry = {
  pushed() {},
  acknowledged() {},
  completed() {},
  rejected() {},
  disconnected() {},
};

/** Nobody listens: the default everywhere. */
export const noTelemetry: Telemetry = {
  proxyConnected: () => noProxyTelemetry,
  streamOpened() {},
  streamEnded() {},
  bootstrapAnswered() {},
  admitted() {},
  turnedAway() {},
  registered() {},
  meshLoaded() {},
  changeSeen() {},
  hintMissed() {},
  compiled() {},
  storeCalled() {},
  storeRetried() {},
  leaseRenewed() {},
  jobEnded() {},
  queue: () => () => {},
  waited() {},
};
