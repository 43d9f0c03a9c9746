import { type TypeUrl, typeUrls } from '../../compile/snapshot.ts';
import { KumulusError } from '../../model/errors.ts';
import { readNode } from '../node.ts';
import type { ProxySession, SessionSource, StreamHello } from '../session.ts';
import type { BytesCall } from './bytes-call.ts';
import { type Conversation, type ConversationDeps, converse, type Talk } from './conversation.ts';
import { readingMs } from './delivery.ts';
import { createStreamState, type Protocol, type TypedVerdict } from './stream-state.ts';

export interface AdsDeps extends ConversationDeps {
  readonly sessions: SessionSource;
  /** Milliseconds within which all first requests of a proxy that comes back have arrived. */
  readonly settleMs: number;
  /** Milliseconds in which a proxy must answer a response that it has read. */
  readonly answerMs: number;
}

interface ProtocolRequest {
  readonly typeUrl: string;
  readonly node: Parameters<typeof readNode>[0];
}

const servedTypes: ReadonlySet<string> = new Set(Object.values(typeUrls));

function isServed(typeUrl: string): typeUrl is TypeUrl {
  return servedTypes.has(typeUrl);
}

/** The type's name as it may stand in a log or an error: it is whatever a proxy wrote. */
function shown(typeUrl: string): string {
  return typeUrl.slice(0, 200);
}

/**
 * Serves one ADS stream. Responses are not made while one is being written, so a slow reader costs one response and the
 * newest snapshot, which is shared.
 */
export function serveAds<Request extends ProtocolRequest>(
  call: BytesCall,
  name: StreamHello['protocol'],
  protocol: Protocol<Request>,
  deps: AdsDeps,
): void {
  converse(call, deps, (conversation) => talkAds(call, name, protocol, deps, conversation));
}

function talkAds<Request extends ProtocolRequest>(
  call: BytesCall,
  name: StreamHello['protocol'],
  protocol: Protocol<Request>,
  deps: AdsDeps,
  conversation: Conversation,
): Talk<ProxySession, Request> {
  const state = createStreamState(protocol);
  let session: ProxySession | undefined;
  let completed: number | undefined;
  let answered: number | undefined;
  let refuses = false;
  let settleTimer: NodeJS.Timeout | undefined;
  /** For each type that a response of is in flight. */
  const answerTimers = new Map<string, NodeJS.Timeout>();

  /** A proxy that does not answer is stuck with what it has; when it connects again, it is given what is newest. */
  const awaitAnswer = (typeUrl: string, bytes: number) => {
    const boundMs = deps.answerMs + readingMs(bytes, deps.delivery);
    const late = () =>
      conversation.end(
        new KumulusError('unavailable', `no answer to ${typeUrl} came in time, connect again`),
      );
    answerTimers.set(typeUrl, setTimeout(late, boundMs));
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
        typeUrl: shown(request.typeUrl),
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
        conversation.pump();
      }, deps.settleMs);
    }
    conversation.pump();
  };

  return {
    protocol: name,
    revision: () => completed,
    async open(first, caller) {
      const request = protocol.decode(first);
      const { mesh, name: proxy, metadata, dataplaneResource } = readNode(request.node);
      conversation.account.of({ mesh, name: proxy });
      if (!state.knows(request.typeUrl)) {
        throw new KumulusError('bad_request', `unknown type ${JSON.stringify(shown(request.typeUrl))}`);
      }
      const hello = { ...caller, mesh, name: proxy, metadata, dataplaneResource, protocol: name };
      return { request, session: await deps.sessions.open(hello) };
    },
    attend(opened, request) {
      session = opened;
      opened.onEnd(conversation.end);
      receive(request);
      opened.onSnapshot((snapshot) =>
        conversation.guarded(() => {
          state.offer(snapshot);
          conversation.pump();
        }),
      );
    },
    receive: (bytes) => receive(protocol.decode(bytes)),
    next() {
      const response = state.next();
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
    close(opened, how) {
      clearTimeout(settleTimer);
      for (const timer of answerTimers.values()) {
        clearTimeout(timer);
      }
      opened?.close(how);
    },
  };
}
