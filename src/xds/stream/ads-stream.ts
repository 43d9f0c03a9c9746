import { type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import { readNode } from '../node.ts';
import type { ProxySession, SessionSource, StreamHello } from '../session.ts';
import { grpcStatusOf } from '../status.ts';
import type { Admission } from './admission.ts';
import type { BytesCall } from './bytes-call.ts';
import type { Caller } from './caller.ts';
import type { OpenStreams } from './open-streams.ts';
import { createStreamState, type Protocol, type TypedVerdict } from './stream-state.ts';

export interface AdsDeps {
  readonly sessions: SessionSource;
  readonly admission: Admission;
  readonly streams: OpenStreams;
  readonly logger: Logger;
  /** Milliseconds that a stream may be open without a first request. */
  readonly firstRequestMs: number;
  /** Milliseconds within which all first requests of a proxy that comes back have arrived. */
  readonly settleMs: number;
  identify(call: BytesCall): Promise<Caller>;
}

interface ProtocolRequest {
  readonly typeUrl: string;
  readonly node: Parameters<typeof readNode>[0];
}

const servedTypes: ReadonlySet<string> = new Set(Object.values(typeUrls));

function isServed(typeUrl: string): typeUrl is TypeUrl {
  return servedTypes.has(typeUrl);
}

/**
 * Serves one ADS stream. Requests are not read while the session opens; responses are not made while one is being
 * written, so a slow reader costs one response and the newest snapshot, which is shared.
 */
export function serveAds<Request extends ProtocolRequest>(
  call: BytesCall,
  name: StreamHello['protocol'],
  protocol: Protocol<Request>,
  deps: AdsDeps,
): void {
  const state = createStreamState(protocol);
  let gone = false;
  let session: ProxySession | undefined;
  let opening = false;
  let writing = false;
  let settleTimer: NodeJS.Timeout | undefined;

  const finish = () => {
    if (gone) {
      return;
    }
    gone = true;
    clearTimeout(firstRequestTimer);
    clearTimeout(settleTimer);
    entry.remove();
    session?.close();
  };

  const end = (error: unknown) => {
    if (gone) {
      return;
    }
    const { code, details } = grpcStatusOf(error);
    deps.logger.info('ADS stream ends', { peer: call.getPeer(), code, details });
    if (!(error instanceof KumulusError)) {
      deps.logger.error('ADS stream failed', { peer: call.getPeer(), error });
    }
    finish();
    entry.closing();
    call.emit('error', Object.assign(new Error(details), { code, details }));
  };

  const entry = deps.streams.add(call, end);
  const firstRequestTimer = setTimeout(
    () => end(new KumulusError('bad_request', `no request arrived within ${deps.firstRequestMs} ms`)),
    deps.firstRequestMs,
  );

  const pump = () => {
    if (writing || session === undefined || gone) {
      return;
    }
    const response = state.next();
    if (response === undefined) {
      return;
    }
    writing = true;
    if (isServed(response.typeUrl)) {
      session.sent(response.typeUrl, response.revision);
    }
    call.write(response.bytes, () => {
      writing = false;
      guarded(pump);
    });
  };

  /** Nothing that one stream does may end the process. */
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      end(error);
    }
  };

  const tell = ({ typeUrl, verdict }: TypedVerdict) => {
    if (!isServed(typeUrl)) {
      return;
    }
    if (verdict.kind === 'acknowledged') {
      session?.acknowledged(typeUrl, verdict.revision);
    } else {
      session?.rejected(typeUrl, verdict.message);
    }
  };

  const receive = (request: Request) => {
    if (!state.knows(request.typeUrl)) {
      deps.logger.debug('unknown type asked for', {
        peer: call.getPeer(),
        typeUrl: request.typeUrl.slice(0, 200),
      });
      return;
    }
    const verdict = state.receive(request);
    if (verdict !== undefined) {
      tell(verdict);
    }
    if (state.unsettled && settleTimer === undefined) {
      settleTimer = setTimeout(() => {
        state.settle();
        guarded(pump);
      }, deps.settleMs);
    }
    pump();
  };

  const open = async (request: Request) => {
    const { mesh, name: proxy, metadata, dataplaneResource } = readNode(request.node);
    if (!state.knows(request.typeUrl)) {
      throw new KumulusError('bad_request', `unknown type ${JSON.stringify(request.typeUrl.slice(0, 200))}`);
    }
    const opened = await deps.admission.run(
      async () => {
        const caller = await deps.identify(call);
        return deps.sessions.open({
          ...caller,
          mesh,
          name: proxy,
          metadata,
          dataplaneResource,
          protocol: name,
        });
      },
      () => gone,
    );
    if (gone) {
      opened.close();
      return;
    }
    session = opened;
    opened.onEnd(end);
    receive(request);
    opened.onSnapshot((snapshot) =>
      guarded(() => {
        state.offer(snapshot);
        pump();
      }),
    );
    call.resume();
  };

  call.on('data', (bytes: Buffer) =>
    guarded(() => {
      const request = protocol.decode(bytes);
      if (session !== undefined) {
        receive(request);
      } else if (!opening) {
        opening = true;
        clearTimeout(firstRequestTimer);
        call.pause();
        open(request).catch(end);
      }
    }),
  );
  call.on('end', () => {
    finish();
    call.end();
  });
  call.on('cancelled', finish);
  call.on('close', finish);
}
