import { KumulusError } from '../src/model/errors.ts';
import type { Clock, Logger } from '../src/model/ports.ts';
import { nextDelay, parseRetryAfter } from './backoff.ts';
import { type PostAnswer, postJson } from './http-post.ts';

/** What the client needs of the world. */
export interface BootstrapClientDeps {
  readonly clock: Clock;
  /** Waits some milliseconds; ends early, with a rejection, when the signal does. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly log: Logger;
}

/** Where and how to ask, and for how long. Times in milliseconds. */
export interface BootstrapTarget {
  /** The `--cp-address`; its path does not matter. */
  readonly controlPlane: URL;
  /** PEM, empty for the system's trust. */
  readonly caCert: string;
  readonly skipVerify: boolean;
  readonly retryBackoff: number;
  readonly retryMaxDuration: number;
}

export interface BootstrapClient {
  /**
   * Asks for a bootstrap until it comes, the control plane refuses, or the time is over.
   *
   * @returns the body of the answer.
   * @throws KumulusError `bad_request` with the server's words where it refuses, `unauthenticated` where it cannot be
   *   trusted, `unavailable` where it did not answer in time.
   */
  fetch(target: BootstrapTarget, body: string, signal: AbortSignal): Promise<string>;
}

/** kuma-dp gives one exchange ten seconds. */
const exchangeTimeout = 10_000;
const maxDelay = 30_000;

/** Why a try failed, and when another one makes sense. */
interface Failure {
  readonly reason: string;
  readonly retryAfter: number | undefined;
}

export function createBootstrapClient(deps: BootstrapClientDeps): BootstrapClient {
  return {
    async fetch(target, body, signal) {
      const url = new URL('/bootstrap', target.controlPlane);
      const backoff = { base: target.retryBackoff, ceiling: maxDelay, random: deps.random };
      const deadline = deps.clock() + target.retryMaxDuration;
      for (let attempt = 1; ; attempt += 1) {
        const result = await tryOnce(url, target, body, signal, deps.clock);
        if (typeof result === 'string') return result;
        const delay = nextDelay(attempt, backoff, result.retryAfter);
        if (deps.clock() + delay > deadline) {
          throw new KumulusError(
            'unavailable',
            `no bootstrap from ${url.href} after ${attempt} ${attempt === 1 ? 'try' : 'tries'}: ${result.reason}`,
          );
        }
        deps.log.warn('no bootstrap yet, trying again', {
          url: url.href,
          reason: result.reason,
          seconds: Math.round(delay / 100) / 10,
        });
        await deps.sleep(delay, signal);
      }
    },
  };
}

async function tryOnce(
  url: URL,
  target: BootstrapTarget,
  body: string,
  signal: AbortSignal,
  clock: Clock,
): Promise<string | Failure> {
  const request = { url, body, signal, timeout: exchangeTimeout, verify: !target.skipVerify };
  let answer: PostAnswer;
  try {
    answer = await postJson({ ...request, ca: target.caCert === '' ? undefined : target.caCert });
  } catch (error) {
    signal.throwIfAborted();
    return networkFailure(error, url);
  }
  if (answer.status === 200) return answer.body;
  return refusal(answer, clock());
}

/** A control plane that cannot be trusted now will not be in a minute; one that cannot be reached may. */
function networkFailure(error: unknown, url: URL): Failure {
  if (error instanceof KumulusError) throw error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    throw new KumulusError(
      'unauthenticated',
      `the certificate of ${url.host} is for another host: ${message}`,
    );
  }
  if (/CERT|ISSUER|VERIFY|CRL|SIGNATURE/.test(code) && !code.startsWith('ERR_SSL')) {
    throw new KumulusError(
      'unauthenticated',
      `the certificate of ${url.host} is not trusted (${message}): give its CA with --ca-cert-file`,
    );
  }
  if (/^(EPROTO|ERR_SSL_)/.test(code)) {
    return failure(`${url.host} does not speak TLS as expected (${message.trim()})`);
  }
  if (code === 'HPE_INVALID_CONSTANT' || code.startsWith('HPE_')) {
    return failure(`${url.host} does not answer in HTTP (is it an https:// address?)`);
  }
  const timedOut = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return failure(timedOut ? `no answer within ${exchangeTimeout / 1_000} seconds` : message || code);
}

function refusal(answer: PostAnswer, now: number): Failure {
  const words = answer.body.trim().replace(/\s+/g, ' ').slice(0, 2_000);
  const retryAfter = parseRetryAfter(answer.retryAfter, now);
  if (answer.status === 404 && words === '') {
    return { reason: 'the control plane does not know this Dataplane yet', retryAfter };
  }
  const mayPass = answer.status >= 500 || [408, 425, 429].includes(answer.status);
  if (mayPass) {
    return { reason: `${answer.status}${words === '' ? '' : ` ${words}`}`, retryAfter };
  }
  if (answer.status === 404 && /not found/i.test(words) && words.length < 40) {
    throw new KumulusError(
      'not_found',
      'there is no /bootstrap at this address: --cp-address must name the data plane server (port 5678), not the API (5681)',
    );
  }
  throw new KumulusError('bad_request', `the control plane refused: ${words === '' ? answer.status : words}`);
}

function failure(reason: string): Failure {
  return { reason, retryAfter: undefined };
}
