import type { ApiAnswer, ApiRequest } from './api-fixture.ts';
import { fill, type Kept, type RecordedStep, type RecordedToken } from './recording.ts';
import { differences } from './same-answer.ts';

/** A control plane that recorded requests can be made to. */
export interface ReplayTarget {
  request(method: string, path: string, request: ApiRequest): Promise<ApiAnswer>;
  /** Lets time pass, in milliseconds. */
  advance(milliseconds: number): Promise<void> | void;
}

interface TokenContents {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

function part(text: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8'));
}

/** What is inside a token, without a look at its signature; undefined where the text is none. */
function tokenContents(text: string): TokenContents | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text.trim())) {
    return undefined;
  }
  const [header, claims] = text.trim().split('.');
  return { header: part(header), claims: part(claims) };
}

function tokenDifferences(want: RecordedToken, got: TokenContents | undefined): readonly string[] {
  if (got === undefined) {
    return ['want a token'];
  }
  const lifetime = Number(got.claims.exp) - Number(got.claims.iat);
  const { expMinusIat = lifetime } = want;
  return [
    // A time is written as a word in the recording, and is a number.
    ...differences(want.header, got.header, 'header'),
    ...Object.entries(want.claims).flatMap(([name, value]) =>
      value === 'TIME' || value === 'ID'
        ? name in got.claims
          ? []
          : [`claims/${name}: missing`]
        : differences(value, got.claims[name], `claims/${name}`),
    ),
    ...(Math.abs(lifetime - expMinusIat) > 1
      ? [`want a lifetime of ${expMinusIat} s, got ${lifetime} s`]
      : []),
  ];
}

async function replayStep(api: ReplayTarget, step: RecordedStep, kept: Kept): Promise<readonly string[]> {
  const { request } = step;
  await api.advance((request.wait ?? 0) * 1000);
  const raw = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const answer = await api.request(request.method, String(fill(request.path, kept)), {
    ...(raw !== undefined && { raw: String(fill(raw, kept)) }),
    headers: Object.fromEntries(
      Object.entries(request.headers ?? {}).map(([name, value]) => [
        name,
        value === null ? undefined : String(fill(value, kept)),
      ]),
    ),
    ...(request.from === 'elsewhere' && { peer: '192.0.2.7' }),
  });
  const token = tokenContents(answer.text);
  if (request.save !== undefined) {
    kept.set(request.save, answer.text.trim());
  }
  if (request.saveField !== undefined) {
    const [member, name] = request.saveField;
    kept.set(name, String(Object(answer.body)[member]));
  }
  if (request.saveJti !== undefined) {
    const id = String(token?.claims.jti);
    kept.set(request.saveJti, id).set(`${request.saveJti}-base64`, Buffer.from(id).toString('base64'));
  }
  if (answer.status !== step.status) {
    return [`want status ${step.status}, got ${answer.status} ${answer.text.slice(0, 300)}`];
  }
  if (step.token !== undefined) {
    return tokenDifferences(step.token, token);
  }
  if (step.body === undefined) {
    return [];
  }
  return typeof step.body === 'string'
    ? differences(step.body.trim(), answer.text.trim())
    : differences(step.body, answer.body);
}

/** Makes the requests of a recorded case in order; gives what differed, by the position of the step. */
export async function replay(
  api: ReplayTarget,
  steps: readonly RecordedStep[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const kept: Kept = new Map();
  const failed = new Map<number, readonly string[]>();
  for (const [position, step] of steps.entries()) {
    const found = await replayStep(api, step, kept);
    if (found.length > 0) {
      failed.set(position, found);
    }
  }
  return failed;
}
