/** Bounds and times of a relay's port. */
export interface RelaySettings {
  /** Connections at the most, and less where the system lets the process open fewer files; further ones are closed as they come. */
  readonly maxConnections: number;
  /** Milliseconds for the first message of TLS, for the turn of a handshake to come, and for the handshake. */
  readonly handshakeMs: number;
  /** Milliseconds from one HTTP/1.1 request's first byte, or its connection, to its last. */
  readonly httpRequestMs: number;
  /** Milliseconds that an HTTP/1.1 connection may idle between requests. */
  readonly httpIdleMs: number;
  /** Bytes of a bootstrap request's body. */
  readonly maxBodyBytes: number;
  /** Bytes of one discovery request. The first one of a large proxy that comes back names all that it holds. */
  readonly maxMessageBytes: number;
  /** Streams on one connection. Envoy opens two: ADS and HDS. */
  readonly maxStreamsPerConnection: number;
  /** Milliseconds between HTTP/2 pings. */
  readonly pingMs: number;
  /** Milliseconds after which a peer that answers no ping is dead. A ping waits behind the responses on their way, so slow links need time. */
  readonly pingTimeoutMs: number;
  /** Milliseconds after which a connection without a stream is closed. */
  readonly connectionIdleMs: number;
  /** Milliseconds that a connection of HTTP/2 may be open before somebody was let in over it; longer than anybody waits at the door. */
  readonly strangerMs: number;
  /** Bytes that the peer of such a connection may send at once: a large proxy that comes back names all that it holds. */
  readonly burstBytes: number;
  /** Bytes that it may send in a second, on and on. */
  readonly bytesPerSecond: number;
  /** Milliseconds between two looks at what the connections do. */
  readonly watchMs: number;
  /** Milliseconds that a stream may be open without a first request. */
  readonly firstRequestMs: number;
  /** Milliseconds after a proxy has come back before it is told to remove anything. */
  readonly settleMs: number;
  /** Milliseconds that a peer has to read how its stream ended. */
  readonly farewellMs: number;
  /** Milliseconds in which a proxy must read a response, whatever its size. */
  readonly readMs: number;
  /** A response of so many bytes has a second more to be read, and to be answered. */
  readonly readBytesPerSecond: number;
  /** Milliseconds in which a proxy must answer a response. Envoy answers clusters when they are warm, which may take it 15 s. */
  readonly answerMs: number;
  /** Bytes of responses that may wait for their readers at once, over all streams. */
  readonly maxUnsentBytes: number;
  /** Milliseconds after which a reader that does not read makes room, where others wait for it. */
  readonly stalledMs: number;
  /** Requests that one stream may send at once; Envoy sends one a type, and one an answer. */
  readonly requestBurst: number;
  /** Requests of one stream that are read each second after that. */
  readonly requestsPerSecond: number;
  /** Reports of health that a proxy may make at once; Envoy makes one every five seconds. */
  readonly reportBurst: number;
  /** Reports of one proxy that are kept each second after that. */
  readonly reportsPerSecond: number;
  /** Proxies that are let in at once, and the same for bootstraps. */
  readonly admissionConcurrency: number;
  /** Proxies that may wait to be let in, and the same for bootstraps; of several tenants each has its share. */
  readonly admissionQueue: number;
  /** Bytes of first requests that wait. */
  readonly admissionQueueBytes: number;
  /** Milliseconds that a proxy may be expected to wait before it is refused at once. Its connection is made by then. */
  readonly admissionMaxWaitMs: number;
  /** The same for bootstraps. kuma-dp waits 10 s for an answer, and asks again every 3 s. */
  readonly bootstrapMaxWaitMs: number;
  /**
   * Milliseconds that a connection which asks for a bootstrap waits for its handshake at the most; half of it at least. kuma-dp has
   * 10 s for all of it.
   */
  readonly bootstrapHandshakeWaitMs: number;
  /** Connections that may wait for their handshake. */
  readonly maxWaitingConnections: number;
  /** Milliseconds over which connections are closed that are too much; kuma-dp tries again every 3 s. */
  readonly refusalSpreadMs: number;
  /** Handshakes that begin in one turn of the event loop. */
  readonly handshakesPerTurn: number;
  /** How much of its time the event loop may be busy, of 1, while newcomers are let in beside proxies of another tenant. */
  readonly newcomersShare: number;
  /**
   * Connections that the system keeps for us until we take them; it has a bound of its own. As many as are taken in a second, which
   * is how long Envoy waits: those behind would be gone when their turn comes.
   */
  readonly backlog: number;
}

/** What a relay of 2 vCPUs can hold; generous, so that a fleet that comes back at once is let in. */
export const defaultRelaySettings: RelaySettings = {
  maxConnections: 20_000,
  handshakeMs: 10_000,
  httpRequestMs: 30_000,
  httpIdleMs: 15_000,
  maxBodyBytes: 1024 * 1024,
  maxMessageBytes: 2 * 1024 * 1024,
  maxStreamsPerConnection: 32,
  pingMs: 30_000,
  pingTimeoutMs: 60_000,
  connectionIdleMs: 300_000,
  strangerMs: 120_000,
  burstBytes: 16 * 1024 * 1024,
  bytesPerSecond: 128 * 1024,
  watchMs: 5_000,
  firstRequestMs: 15_000,
  settleMs: 1_000,
  farewellMs: 5_000,
  readMs: 60_000,
  readBytesPerSecond: 16 * 1024,
  answerMs: 120_000,
  maxUnsentBytes: 64 * 1024 * 1024,
  stalledMs: 15_000,
  requestBurst: 1_000,
  requestsPerSecond: 100,
  reportBurst: 10,
  reportsPerSecond: 1,
  admissionConcurrency: 64,
  admissionQueue: 20_000,
  admissionQueueBytes: 64 * 1024 * 1024,
  admissionMaxWaitMs: 30_000,
  bootstrapMaxWaitMs: 3_000,
  bootstrapHandshakeWaitMs: 5_000,
  maxWaitingConnections: 10_000,
  refusalSpreadMs: 3_000,
  handshakesPerTurn: 1,
  newcomersShare: 0.6,
  backlog: 1_024,
};
