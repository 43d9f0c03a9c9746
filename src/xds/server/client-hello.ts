/** What a client says of itself in the first message of TLS, before anything is computed for it. */
export interface ClientHello {
  /** The host that it means (SNI, RFC 6066), in lower case; undefined where it names none. */
  readonly servername: string | undefined;
  /** What it would speak (ALPN, RFC 7301), what it likes best first. */
  readonly protocols: readonly string[];
}

const recordHeader = 5;
const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const alpnExtension = 16;

/** Reads on in a message; a length that leads beyond its end gives what there is, and nothing after it. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  number(size: 1 | 2): number {
    const end = this.#at + size;
    const value = end <= this.#bytes.length ? this.#bytes.readUIntBE(this.#at, size) : 0;
    this.#at = end;
    return value;
  }

  take(length: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** What a length stands before. */
  prefixed(size: 1 | 2): Buffer {
    return this.take(this.number(size));
  }
}

function readServername(extension: Buffer): string | undefined {
  const names = new Reader(new Reader(extension).prefixed(2));
  const isHost = names.number(1) === 0;
  const name = names.prefixed(2).toString('latin1').toLowerCase();
  return isHost && name !== '' ? name : undefined;
}

function readProtocols(extension: Buffer): readonly string[] {
  const list = new Reader(new Reader(extension).prefixed(2));
  const protocols: string[] = [];
  while (list.hasMore) {
    protocols.push(list.prefixed(1).toString('latin1'));
  }
  return protocols;
}

/**
 * Reads the first record of a connection (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2): `incomplete` until it is there, undefined
 * where it is no TLS. What is malformed within is passed over: the handshake itself will tell.
 */
export function readClientHello(bytes: Buffer): ClientHello | 'incomplete' | undefined {
  if (bytes.length > 0 && bytes[0] !== handshakeRecord) {
    return undefined;
  }
  if (bytes.length < recordHeader || bytes.length < recordHeader + bytes.readUInt16BE(3)) {
    return 'incomplete';
  }
  const message = new Reader(bytes.subarray(recordHeader, recordHeader + bytes.readUInt16BE(3)));
  if (message.number(1) !== clientHello) {
    return undefined;
  }
  // Its length, the version and the random number.
  message.take(3 + 2 + 32);
  message.prefixed(1); // session
  message.prefixed(2); // cipher suites
  message.prefixed(1); // compression
  const extensions = new Reader(message.prefixed(2));
  let servername: string | undefined;
  let protocols: readonly string[] = [];
  while (extensions.hasMore) {
    const type = extensions.number(2);
    const extension = extensions.prefixed(2);
    if (type === serverNameExtension) {
      servername = readServername(extension);
    } else if (type === alpnExtension) {
      protocols = readProtocols(extension);
    }
  }
  return { servername, protocols };
}
