import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { KumulusError } from '../../src/model/errors.ts';
import type { ControlPlane } from '../config/config-file.ts';
import type { Surroundings } from '../surroundings.ts';
import { answerError } from './answer-error.ts';

export interface ClientRequest {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ClientAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Talks to one control plane. */
export interface Client {
  /**
   * Makes a request. What can be repeated without harm is repeated where the control plane is busy or the connection
   * breaks: everything but a POST without an `idempotency-key`.
   *
   * @throws KumulusError with the control plane's words where it refuses, `unavailable` where it cannot be reached.
   */
  ask(method: string, path: string, request?: ClientRequest): Promise<ClientAnswer>;
  /** The JSON of a `GET`. */
  get(path: string): Promise<unknown>;
  close(): void;
}

const attempts = 5;
const firstWaitMs = 200;
/** Longer than any long poll of the API. */
const timeoutMs = 60_000;
const maxConnections = 16;

export function createClient(controlPlane: ControlPlane, { sleep }: Pick<Surroundings, 'sleep'>): Client {
  const { send, close } = sender(controlPlane);

  /** One try: the answer, or after how many milliseconds another is worth it. */
  async function attempt(
    method: string,
    path: string,
    request: ClientRequest,
    again: number | undefined,
  ): Promise<ClientAnswer | number> {
    let answer: ClientAnswer;
    try {
      answer = await send(method, path, request);
    } catch (error) {
      if (again !== undefined && wasCutOff(error)) {
        return again;
      }
      throw error instanceof KumulusError ? error : unreachable(controlPlane.address, error);
    }
    if (answer.status < 300) {
      return answer;
    }
    if (again !== undefined && isBusy(answer.status)) {
      return retryAfterMs(answer) ?? again;
    }
    throw answerError(method, path, answer.status, answer.text);
  }

  async function ask(method: string, path: string, request: ClientRequest = {}): Promise<ClientAnswer> {
    const repeatable = method !== 'POST' || request.headers?.['idempotency-key'] !== undefined;
    for (let number = 1; ; number += 1) {
      const again = repeatable && number < attempts ? firstWaitMs * 2 ** number : undefined;
      const outcome = await attempt(method, path, request, again);
      if (typeof outcome !== 'number') {
        return outcome;
      }
      await sleep(outcome);
    }
  }

  return {
    ask,
    async get(path) {
      const { text } = await ask('GET', path);
      try {
        return JSON.parse(text);
      } catch {
        throw new KumulusError(
          'internal',
          `${controlPlane.address}${path} is no JSON: is this a control plane?`,
        );
      }
    },
    close,
  };
}

function isBusy(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/** RFC 9110, section 10.2.3: seconds, here at most thirty. */
function retryAfterMs({ headers }: ClientAnswer): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) * 1_000 : undefined;
}

/** The connection was there and broke; a port where nobody listens stays like that. */
function wasCutOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function unreachable(address: string, error: unknown): KumulusError {
  const reason = error instanceof AggregateError ? error.errors.map(String).join(', ') : String(error);
  return new KumulusError('unavailable', `cannot reach the control plane at ${address}: ${reason}`, {
    cause: error,
  });
}

function sender(controlPlane: ControlPlane) {
  const base = controlPlane.address.replace(/\/+$/, '');
  const secure = base.startsWith('https:');
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: maxConnections, ...tlsOptions(controlPlane) })
    : new HttpAgent({ keepAlive: true, maxSockets: maxConnections });
  const start = secure ? httpsRequest : httpRequest;
  return {
    async send(method: string, path: string, { body, headers }: ClientRequest): Promise<ClientAnswer> {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const options: RequestOptions = {
        method,
        agent,
        timeout: timeoutMs,
        headers: {
          accept: 'application/json',
          ...(controlPlane.token !== undefined && { authorization: `Bearer ${controlPlane.token}` }),
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': String(payload.byteLength),
          }),
          ...headers,
        },
      };
      return new Promise((resolve, reject) => {
        const outgoing = start(`${base}${path}`, options, (incoming) => {
          textOf(incoming).then(
            (text) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
            reject,
          );
        });
        outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
        outgoing.on('error', reject);
        outgoing.end(payload);
      });
    },
    close: () => agent.destroy(),
  };
}

function tlsOptions({ caCertFile, clientCertFile, clientKeyFile }: ControlPlane) {
  return {
    ...(caCertFile !== undefined && { ca: readFile(caCertFile) }),
    ...(clientCertFile !== undefined && { cert: readFile(clientCertFile) }),
    ...(clientKeyFile !== undefined && { key: readFile(clientKeyFile) }),
  };
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new KumulusError(
      'bad_request',
      `cannot read ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
