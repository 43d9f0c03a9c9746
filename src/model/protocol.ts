/** Application protocols that Kuma tells apart. */
export type Protocol = 'http' | 'http2' | 'tcp' | 'tls' | 'grpc' | 'kafka' | 'mysql' | 'unknown';

/** What the tag `kuma.io/protocol` is said to take, in the order in which messages name them. */
export const supportedProtocols = ['grpc', 'http', 'http2', 'kafka', 'tcp'] as const;

const known: ReadonlySet<string> = new Set<Protocol>([
  'http',
  'http2',
  'tcp',
  'tls',
  'grpc',
  'kafka',
  'mysql',
]);

/** Reads a protocol in any case; `unknown` where there is none or it is not known. */
export function parseProtocol(text: string | undefined): Protocol {
  const lower = (text ?? '').toLowerCase();
  return isProtocol(lower) ? lower : 'unknown';
}

/** What a protocol is spoken over, itself first. */
const stacks: Readonly<Record<Protocol, readonly Protocol[]>> = {
  grpc: ['grpc', 'http2', 'tcp'],
  http2: ['http2', 'tcp'],
  http: ['http', 'tcp'],
  kafka: ['kafka', 'tcp'],
  tls: ['tcp'],
  tcp: ['tcp'],
  mysql: [],
  unknown: [],
};

/**
 * The most that two instances of one service have in common: `grpc` and `http2` make `http2`, `http` and `http2` make
 * `tcp`; `unknown` where one of them is.
 */
export function commonProtocol(a: Protocol, b: Protocol): Protocol {
  return a === b ? a : (stacks[a].find((protocol) => stacks[b].includes(protocol)) ?? 'unknown');
}

/** Whether requests can be told apart within it: `http`, `http2` and `grpc`. */
export function isHttp(protocol: Protocol): boolean {
  return protocol === 'http' || protocol === 'http2' || protocol === 'grpc';
}

function isProtocol(text: string): text is Protocol {
  return known.has(text);
}
