import { connect, createServer, type Socket } from 'node:net';
import { portOf } from '../../dev/tools/free-port.ts';

/** A load balancer of connections (layer 4) in front of servers of this machine, as an NLB is in front of relays. */
export interface Balancer {
  readonly port: number;
  /** New connections go to these ports in turn; to the next one where nobody listens. Open ones stay where they are. */
  setTargets(ports: readonly number[]): void;
  stop(): Promise<void>;
}

/** Starts one on a free port of every address, for Envoy takes `localhost` for `::1`; without targets, connections are closed. */
export async function startBalancer(): Promise<Balancer> {
  const open = new Set<Socket>();
  let targets: readonly number[] = [];
  let next = 0;

  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
  };

  const forward = (client: Socket, attempts: number) => {
    const port = targets[next % Math.max(targets.length, 1)];
    next += 1;
    if (port === undefined || attempts === 0 || client.destroyed) {
      client.destroy();
      return;
    }
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    const isRefused = () => forward(client, attempts - 1);
    server.once('error', isRefused);
    server.once('connect', () => {
      server.off('error', isRefused);
      keep(server);
      client.pipe(server).pipe(client);
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
    });
  };

  const balancer = createServer({ noDelay: true }, (client) => {
    keep(client);
    forward(client, targets.length);
  });
  await new Promise<void>((resolve) => balancer.listen(0, resolve));
  return {
    port: portOf(balancer),
    setTargets(ports) {
      targets = ports;
    },
    stop() {
      for (const socket of open) {
        socket.destroy();
      }
      return new Promise((resolve) => balancer.close(() => resolve()));
    },
  };
}
