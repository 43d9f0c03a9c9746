import { execFile } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock, Logger } from '../src/model/ports.ts';
import { createAccessLogBackends } from './access-log-backends.ts';
import { parseAccessLogEntry } from './access-log-entry.ts';
import { forwardLines } from './lines.ts';

/** Passes on what Envoy logs for TCP backends. */
export interface AccessLogPipe {
  close(): void;
}

/** The pipe's path, which the control plane derives in the same way; cut, as all paths of sockets are. */
export function accessLogPath(workDir: string, name: string, mesh: string): string {
  return `${join(workDir, `kuma-al-${name}-${mesh}`).slice(0, 98)}.sock`;
}

/**
 * Makes the named pipe that Envoy writes such logs into, and reads it. It must be there before Envoy, which would make a file in
 * its place that grows for ever. Where the system cannot make one, that is logged and the proxy goes on.
 */
export async function openAccessLogPipe(
  path: string,
  deps: { readonly log: Logger; readonly clock: Clock },
): Promise<AccessLogPipe> {
  const backends = createAccessLogBackends(deps);
  try {
    await rm(path, { force: true });
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
    // Opened for both directions, so that opening does not wait for Envoy and Envoy's closing does not end it.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('error', (error) => deps.log.warn('access logs end', { reason: error.message }));
    forwardLines(socket, (lines) => {
      for (const line of lines.split('\n')) {
        const entry = line === '' ? undefined : parseAccessLogEntry(line);
        if (entry !== undefined) backends.send(entry);
      }
    });
    return {
      close() {
        socket.destroy();
        backends.close();
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    deps.log.warn('access logs over TCP are not available', { reason });
    return { close: () => backends.close() };
  }
}
