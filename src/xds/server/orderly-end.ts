import type { Socket } from 'node:net';
import type { CipherNameAndProtocol, TLSSocket } from 'node:tls';

/** Tells of a connection that its peer has ended whether it did so in order. */
export interface EndWatch {
  /** Looks where the connection stands; to be called some times while it is in use. */
  look(): void;
  /** Whether the peer has said that it closes. */
  isOrderly(): boolean;
}

/** Bytes of plain text in an alert. */
const alertBytes = 2;

/**
 * What a record of TLS takes beside its plain text: header, nonce, type and tag (RFC 8446, section 5.2; RFC 5288, section
 * 3; RFC 7905, section 2). Undefined for ciphers that pad.
 */
export function recordOverhead({ name, version }: CipherNameAndProtocol): number | undefined {
  if (version === 'TLSv1.3') {
    return 5 + 1 + 16;
  }
  if (name.includes('GCM')) {
    return 5 + 8 + 16;
  }
  return name.includes('CHACHA20') ? 5 + 16 : undefined;
}

/**
 * Watches a connection. A peer that closes in order says so before (`close_notify`, RFC 8446, section 6.1): Envoy does when
 * it is told to stop, and no other sign of it is on the wire. Of one that was killed the connection just ends. Node hands
 * both on alike, but counts bytes below and above TLS: their difference grows by whole records' overheads, and at last by
 * the two bytes of the alert, which nobody is handed.
 *
 * @param raw the connection below.
 */
export function watchEnd(raw: Socket, socket: TLSSocket): EndWatch {
  const overhead = recordOverhead(socket.getCipher());
  const difference = () => raw.bytesRead - socket.bytesRead;
  /** What is left of the difference by the records of the handshake. A part of a record that has arrived adds to it. */
  const seen = new Set<number>();
  return {
    look() {
      if (overhead !== undefined && seen.size < 4) {
        seen.add(difference() % overhead);
      }
    },
    isOrderly() {
      if (overhead === undefined || seen.size === 0) {
        return true;
      }
      const last = difference();
      return [...seen].some((before) => (last - before) % overhead === alertBytes);
    },
  };
}
