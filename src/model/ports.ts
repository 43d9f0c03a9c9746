/** The time in milliseconds since 1970. Handed in wherever time matters, so that no test waits for it. */
export type Clock = () => number;

/** Makes a random identifier (a UUID, RFC 9562). Handed in, as is every source of randomness. */
export type IdSource = () => string;

/** A secret-free, structured log. One line an event; the fields are JSON. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A log that goes nowhere, for tests and tools. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
