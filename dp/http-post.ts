import http from 'node:http';
import https from 'node:https';
import { KumulusError } from '../src/model/errors.ts';

/** What is asked of a server. */
export interface PostRequest {
  readonly url: URL;
  readonly body: string;
  /** PEM of the CAs to trust instead of the usual ones; undefined for the usual ones. */
  readonly ca: string | undefined;
  readonly verify: boolean;
  readonly signal: AbortSignal;
  /** For the whole exchange, in milliseconds. */
  readonly timeout: number;
}

export interface PostAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** A bootstrap is some 10 KB; what is far above that is no control plane. */
const maxAnswer = 16 * 1_048_576;

/**
 * Posts JSON and reads the answer.
 *
 * @throws Error of Node's network or TLS layer, with its `code`; KumulusError `payload_too_large` for an answer above 16 MiB.
 */
export function postJson(request: PostRequest): Promise<PostAnswer> {
  const secure = request.url.protocol === 'https:';
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(request.timeout)]);
  return new Promise((resolve, reject) => {
    const sent = (secure ? https : http).request(
      request.url,
      {
        method: 'POST',
        signal,
        agent: false,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(request.body),
        },
        ...(secure && {
          minVersion: 'TLSv1.2' as const,
          rejectUnauthorized: request.verify,
          ...(request.ca !== undefined && { ca: request.ca }),
        }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > maxAnswer) {
            answer.destroy(
              new KumulusError('payload_too_large', `the answer is larger than ${maxAnswer} bytes`),
            );
          }
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: answer.headers['retry-after'],
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(request.body);
  });
}
