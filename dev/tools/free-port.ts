import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Where ports are drawn: above those of well-known programs and below those that systems give to clients and to servers that ask for
 * none (32768 on Linux, 49152 elsewhere), so that nothing but another draw is likely to take one before it is used.
 */
const [lowest, highest] = [10_000, 32_767];

/** How many are tried for one that is free. */
const tries = 100;

/** Ports that this process was given. */
const given = new Set<number>();

/** TCP ports of 127.0.0.1 that nobody listened on a moment ago, for programs that must be told one; all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index += 1) {
    ports.push(await freePort());
  }
  return ports;
}

/** One such port. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = randomInt(lowest, highest + 1);
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
  throw new Error(`no free port was found in ${tries} tries between ${lowest} and ${highest}`);
}

/** The port that a server on TCP listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
