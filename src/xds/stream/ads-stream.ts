import { type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { Telemetry } from '../../model/telemetry.ts';
import { readNode } from '../node.ts';
import type { Departing, ProxySession, SessionSource, StreamHello } from '../session.ts';
import { grpcStatusOf } from '../status.ts';
import type { Admission } from './admission.ts';
import type { BytesCall } from './bytes-call.ts';
import type { Caller } from './caller.ts';
import { createDelivery, type DeliveryLimits, readingMs } from './delivery.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Pace } from './pace.ts';
import { openStreamAccount } from './stream-account.ts';
import { createStreamState, type Protocol, type TypedVerdict } from './stream-state.ts';

export interface AdsDeps {
  readonly sessions: SessionSource;
  readonly admission: Admission;
  readonly streams: OpenStreams;
  readonly logger: Logger;
  readonly telemetry: Pick<Telemetry, 'streamOpened' | 'streamEnded'>;
  /** Milliseconds that a stream may be open without a first request. */
  readonly firstRequestMs: number;
  /** Milliseconds within which all first requests of a proxy that comes back have arrived. */
  readonly settleMs: number;
  /** Milliseconds in which a proxy must answer a response that it has read. */
  readonly answerMs: number;
  readonly delivery: DeliveryLimits;
  /** How quickly a stream's requests are read; further ones wait in the proxy. */
  readonly newPace: () => Pace;
  identify(call: BytesCall): Promise<Caller>;
  /** Gives what tells, once the stream is over, how the proxy went. */
  departing(call: BytesCall): Departing;
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
  let completed: number | undefined;
  let answered: number | undefined;
  let refuses = false;
  let settleTimer: NodeJS.Timeout | undefined;
  let paceTimer: NodeJS.Timeout | undefined;
  const pace = deps.newPace();
  const account = openStreamAccount({
    ...deps,
    protocol: name,
    peer: call.getPeer(),
    revision: () => completed,
  });
  /** For each type that a response of is in flight. */
  const answerTimers = new Map<string, NodeJS.Timeout>();

  const departing = deps.departing(call);
  const finish = (how = departing) => {
    if (gone) {
      return;
    }
    gone = true;
    account.ended();
    clearTimeout(firstRequestTimer);
    clearTimeout(settleTimer);
    clearTimeout(paceTimer);
    for (const timer of answerTimers.values()) {
      clearTimeout(timer);
    }
    delivery.stop();
    entry.remove();
    session?.close(how);
  };

  const end = (error: unknown) => {
    if (gone) {
      return;
    }
    const { code, details } = grpcStatusOf(error);
    account.ended(error);
    finish(() => 'lost');
    entry.closing();
    call.emit('error', Object.assign(new Error(details), { code, details }));
  };

  const entry = deps.streams.add(call, end);
  const firstRequestTimer = setTimeout(
    () => end(new KumulusError('bad_request', `no request arrived within ${deps.firstRequestMs} ms`)),
    deps.firstRequestMs,
  );

  /** A proxy that does not answer is stuck with what it has; when it connects again, it is given what is newest. */
  const awaitAnswer = (typeUrl: string, bytes: number) => {
    const boundMs = deps.answerMs + readingMs(bytes, deps.delivery);
    const timer = setTimeout(
      () => end(new KumulusError('unavailable', `no answer to ${typeUrl} came in time, connect again`)),
      boundMs,
    );
    answerTimers.set(typeUrl, timer);
  };

  const tellCompleted = () => {
    const now = state.completed;
    if (now !== undefined && now !== completed) {
      completed = now;
      session?.completed(now);
    }
  };

  const tellAnswered = () => {
    const now = state.answered;
    if (now === undefined) {
      return;
    }
    const { refused } = state;
    if (now !== answered || refused.length > 0 || refuses) {
      answered = now;
      refuses = refused.length > 0;
      session?.answered(now, refused);
    }
  };

  const delivery = createDelivery({
    call,
    limits: deps.delivery,
    end,
    cut(reason) {
      end(reason);
      entry.cut();
    },
    next() {
      const response = session === undefined || gone ? undefined : state.next();
      tellCompleted();
      if (response === undefined) {
        tellAnswered();
        return undefined;
      }
      const { typeUrl, revision, bytes } = response;
      if (isServed(typeUrl)) {
        session?.sent(typeUrl, revision, bytes.length);
      }
      awaitAnswer(typeUrl, bytes.length);
      return bytes;
    },
  });

  /** Nothing that one stream does may end the process. */
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      end(error);
    }
  };

  const tell = ({ typeUrl, verdict }: TypedVerdict) => {
    clearTimeout(answerTimers.get(typeUrl));
    answerTimers.delete(typeUrl);
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
        delivery.pump();
      }, deps.settleMs);
    }
    delivery.pump();
  };

  /** By itself: what listens would hold the first request as long as the stream lasts, and the 8 KiB of which it is a part. */
  const attend = (opened: ProxySession, request: Request) => {
    session = opened;
    account.letIn();
    opened.onEnd(end);
    receive(request);
    opened.onSnapshot((snapshot) =>
      guarded(() => {
        state.offer(snapshot);
        delivery.pump();
      }),
    );
    call.resume();
  };

  const open = async (bytes: Buffer) => {
    const caller = await deps.identify(call);
    account.of({ tenant: caller.tenant });
    const visitor = { tenant: caller.tenant, bytes: bytes.length, hasGone: () => gone };
    // Who waits is not looked into: a proxy that comes back names all that it holds.
    const { request, opened } = await deps.admission.run(visitor, async () => {
      const request = protocol.decode(bytes);
      const { mesh, name: proxy, metadata, dataplaneResource } = readNode(request.node);
      account.of({ mesh, name: proxy });
      if (!state.knows(request.typeUrl)) {
        throw new KumulusError(
          'bad_request',
          `unknown type ${JSON.stringify(request.typeUrl.slice(0, 200))}`,
        );
      }
      const hello = { ...caller, mesh, name: proxy, metadata, dataplaneResource, protocol: name };
      return { request, opened: await deps.sessions.open(hello) };
    });
    if (gone) {
      opened.close(departing);
      return;
    }
    attend(opened, request);
  };

  /** Reads no further than the pace allows: who sends more waits, and nobody else with it. */
  const keepPace = () => {
    const waitMs = pace();
    if (waitMs > 0 && !gone) {
      call.pause();
      paceTimer = setTimeout(() => call.resume(), waitMs);
    }
  };

  call.on('data', (bytes: Buffer) =>
    guarded(() => {
      if (gone) {
        return;
      }
      if (session !== undefined) {
        keepPace();
        receive(protocol.decode(bytes));
      } else if (!opening) {
        opening = true;
        clearTimeout(firstRequestTimer);
        call.pause();
        open(bytes).catch(end);
      }
    }),
  );
  call.on('end', () => {
    finish();
    entry.closing();
    call.end();
  });
  call.on('cancelled', () => finish());
  call.on('close', () => finish());
}
