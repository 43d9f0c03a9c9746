import { connect, type Socket } from 'node:net';
import type { Clock, Logger } from '../src/model/ports.ts';
import type { AccessLogEntry } from './access-log-entry.ts';

/** Sends access logs to TCP backends. What cannot be sent now is dropped: a log must never hold up a proxy or fill its memory. */
export interface AccessLogBackends {
  send(entry: AccessLogEntry): void;
  close(): void;
}

/** What may wait for a backend that reads slowly, in bytes. */
const maxWaiting = 1_048_576;
/** A backend that cannot be reached is tried again after so many milliseconds. */
const pause = 1_000;
/** Far above what a mesh has; the addresses come from the control plane. */
const maxBackends = 100;

export function createAccessLogBackends(deps: {
  readonly log: Logger;
  readonly clock: Clock;
}): AccessLogBackends {
  const sockets = new Map<string, Socket>();
  const notBefore = new Map<string, number>();
  const open = (address: string, { host, port }: AccessLogEntry): Socket | undefined => {
    if ((notBefore.get(address) ?? 0) > deps.clock() || sockets.size >= maxBackends) return undefined;
    notBefore.set(address, deps.clock() + pause);
    const socket = connect(port, host);
    socket.on('error', (error) => {
      deps.log.warn('access logs are dropped', { address, reason: error.message });
    });
    socket.on('close', () => sockets.delete(address));
    socket.resume();
    sockets.set(address, socket);
    return socket;
  };
  return {
    send(entry) {
      const address = `${entry.host}:${entry.port}`;
      const socket = sockets.get(address) ?? open(address, entry);
      if (socket === undefined || socket.writableLength > maxWaiting) return;
      socket.write(entry.text);
    },
    close() {
      for (const socket of sockets.values()) socket.destroySoon();
    },
  };
}
