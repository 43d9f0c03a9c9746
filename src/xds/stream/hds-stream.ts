import { grpcStatusOf } from '../status.ts';
import type { BytesCall } from './bytes-call.ts';
import type { OpenStreams } from './open-streams.ts';

/**
 * Accepts a stream of health checks (HDS) and asks for none: Envoy reports nothing until it was given a specifier, and
 * would open the stream again and again if it were refused.
 */
export function serveHds(call: BytesCall, streams: OpenStreams): void {
  let over = false;
  const finish = () => {
    over = true;
    entry.remove();
  };
  const entry = streams.add(call, (reason) => {
    if (!over) {
      finish();
      entry.closing();
      const { code, details } = grpcStatusOf(reason);
      call.emit('error', Object.assign(new Error(details), { code, details }));
    }
  });
  call.on('end', () => {
    finish();
    call.end();
  });
  call.on('cancelled', finish);
  call.on('close', finish);
  call.resume();
}
