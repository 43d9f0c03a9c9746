import { KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { StreamProtocol, Telemetry } from '../../model/telemetry.ts';
import type { Departing } from '../session.ts';
import { grpcStatusOf } from '../status.ts';
import type { Admission } from './admission.ts';
import type { BytesCall } from './bytes-call.ts';
import type { Caller } from './caller.ts';
import { createDelivery, type DeliveryLimits } from './delivery.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Pace } from './pace.ts';
import { openStreamAccount, type StreamAccount } from './stream-account.ts';

export interface ConversationDeps {
  readonly admission: Admission;
  readonly streams: OpenStreams;
  readonly logger: Logger;
  readonly telemetry: Pick<Telemetry, 'streamOpened' | 'streamEnded'>;
  /** Milliseconds that a stream may be open without a first request. */
  readonly firstRequestMs: number;
  readonly delivery: DeliveryLimits;
  /** How quickly a stream's requests are read; further ones wait in the proxy. */
  readonly newPace: () => Pace;
  identify(call: BytesCall): Promise<Caller>;
  /** Gives what tells, once the stream is over, how the proxy went. */
  departing(call: BytesCall): Departing;
}

/** What one kind of stream makes of its requests. What it throws ends its stream and nothing else. */
export interface Talk<Session, Request> {
  readonly protocol: StreamProtocol;
  /** The revision of its mesh that the proxy has taken, if any. */
  readonly revision?: () => number | undefined;
  /** Reads the first request, once the proxy is admitted, and opens what it asks for. */
  open(first: Buffer, caller: Caller): Promise<{ readonly session: Session; readonly request: Request }>;
  /** The session is open, and the proxy still there. Not to be kept: the request, which holds the bytes it is a part of. */
  attend(session: Session, request: Request): void;
  /** Takes a later request. */
  receive(bytes: Buffer): void;
  /** Makes the next response; undefined where nothing is to be said now. */
  next(): Buffer | undefined;
  /** The stream is over, and with it the session where it was opened. */
  close(session: Session | undefined, how: Departing): void;
}

/** One stream, as those who talk on it see it. */
export interface Conversation {
  readonly account: StreamAccount;
  readonly isOver: boolean;
  /** Writes the next response, when there is room for it. */
  pump(): void;
  /** Ends the stream and tells the proxy why; idempotent. */
  end(reason: unknown): void;
  /** Does the work; ends the stream for what it throws, for nothing that one stream does may end the process. */
  guarded(work: () => void): void;
}

/**
 * Holds one stream from its first request to its end: identifies and admits the proxy, reads at a pace, and writes one
 * response at a time. Requests are not read while the session opens.
 *
 * @param talk gives what is said on it.
 */
export function converse<Session, Request>(
  call: BytesCall,
  deps: ConversationDeps,
  talk: (conversation: Conversation) => Talk<Session, Request>,
): void {
  let session: Session | undefined;
  let opening = false;
  let over = false;
  let paceTimer: NodeJS.Timeout | undefined;
  const pace = deps.newPace();
  const departing = deps.departing(call);

  const finish = (how = departing) => {
    if (over) {
      return;
    }
    over = true;
    account.ended();
    clearTimeout(firstRequestTimer);
    clearTimeout(paceTimer);
    delivery.stop();
    entry.remove();
    close(session, how);
  };

  const end = (reason: unknown) => {
    if (over) {
      return;
    }
    const { code, details } = grpcStatusOf(reason);
    account.ended(reason);
    finish(() => 'lost');
    entry.closing();
    call.emit('error', Object.assign(new Error(details), { code, details }));
  };

  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      end(error);
    }
  };

  const { protocol, revision, open, attend, receive, next, close } = talk({
    get account() {
      return account;
    },
    get isOver() {
      return over;
    },
    pump: () => delivery.pump(),
    end,
    guarded,
  });
  const account = openStreamAccount({
    ...deps,
    protocol,
    peer: call.getPeer(),
    ...(revision !== undefined && { revision }),
  });
  const entry = deps.streams.add(call, end);
  const firstRequestTimer = setTimeout(
    () => end(new KumulusError('bad_request', `no request arrived within ${deps.firstRequestMs} ms`)),
    deps.firstRequestMs,
  );
  const delivery = createDelivery({
    call,
    limits: deps.delivery,
    end,
    cut(reason) {
      end(reason);
      entry.cut();
    },
    next: () => (session === undefined || over ? undefined : next()),
  });

  const begin = async (first: Buffer) => {
    const caller = await deps.identify(call);
    account.of({ tenant: caller.tenant });
    const visitor = { tenant: caller.tenant, bytes: first.length, hasGone: () => over };
    // Who waits is not looked into: a proxy that comes back names all that it holds.
    const opened = await deps.admission.run(visitor, () => open(first, caller));
    if (over) {
      close(opened.session, departing);
      return;
    }
    session = opened.session;
    account.letIn();
    entry.letIn(caller.tenant);
    attend(opened.session, opened.request);
    call.resume();
  };

  /** Reads no further than the pace allows: who sends more waits, and nobody else with it. */
  const keepPace = () => {
    const waitMs = pace();
    if (waitMs > 0 && !over) {
      call.pause();
      paceTimer = setTimeout(() => call.resume(), waitMs);
    }
  };

  call.on('data', (bytes: Buffer) =>
    guarded(() => {
      if (over) {
        return;
      }
      if (session !== undefined) {
        keepPace();
        receive(bytes);
      } else if (!opening) {
        opening = true;
        clearTimeout(firstRequestTimer);
        call.pause();
        begin(bytes).catch(end);
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
