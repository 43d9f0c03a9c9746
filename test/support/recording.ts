import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One request of a recorded case, as `rest/README.md` of the recordings describes it. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly save?: string;
  readonly saveField?: readonly [member: string, name: string];
  readonly saveJti?: string;
  readonly wait?: number;
  readonly from?: string;
  readonly server?: string;
}

export interface RecordedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expMinusIat?: number;
}

export interface RecordedStep {
  readonly note?: string;
  readonly request: RecordedRequest;
  readonly status: number;
  readonly body?: unknown;
  readonly token?: RecordedToken;
}

/** Where the recordings are, or undefined where there are none. */
export function recordingsFolder(): string | undefined {
  const folder = process.env.CONFORMANCE_DIR ?? '../shared/conformance';
  return existsSync(folder) ? folder : undefined;
}

/** The names of the recorded cases of one kind, without their ending. */
export function recordingNames(folder: string, kind: string): readonly string[] {
  return readdirSync(join(folder, kind))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function readRecording(folder: string, kind: string, name: string): readonly RecordedStep[] {
  return JSON.parse(readFileSync(join(folder, kind, `${name}.json`), 'utf8')) as readonly RecordedStep[];
}

/** What earlier answers left for later requests: `{{name}}` stands for it. */
export type Kept = Map<string, string>;

export function fill(value: unknown, kept: Kept): unknown {
  if (typeof value === 'string') {
    return value.replace(/\{\{([\w-]+)\}\}/g, (word, name: string) => kept.get(name) ?? word);
  }
  if (Array.isArray(value)) {
    return value.map((item) => fill(item, kept));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, kept)]));
  }
  return value;
}
