import { request } from 'node:http';

/** The part of Envoy's admin API that ends a proxy gently. */
export interface EnvoyAdmin {
  /** Lets health checks fail, so that others stop to send traffic here. */
  failHealthchecks(): Promise<void>;
  /** Asks the clients of inbounds to leave, and closes the inbounds when the drain time is over; outbounds go on. */
  drainListeners(): Promise<void>;
}

const timeout = 5_000;

/** @throws Error of the network, or where Envoy does not answer with 200; from every method. */
export function createEnvoyAdmin(address: { readonly address: string; readonly port: number }): EnvoyAdmin {
  const post = (path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: reachable(address.address),
          port: address.port,
          path,
          method: 'POST',
          agent: false,
          signal: AbortSignal.timeout(timeout),
        },
        (answer) => {
          answer.resume();
          if (answer.statusCode === 200) answer.on('end', resolve);
          else reject(new Error(`Envoy answered ${answer.statusCode} to ${path}`));
        },
      );
      sent.on('error', reject);
      sent.end();
    });
  return {
    failHealthchecks: () => post('/healthcheck/fail'),
    // Without skip_exit Envoy would end by itself: here its end is decided in one place.
    drainListeners: () => post('/drain_listeners?graceful&inboundonly&skip_exit'),
  };
}

/** An admin API on all addresses is reached on the loopback one. */
function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}
