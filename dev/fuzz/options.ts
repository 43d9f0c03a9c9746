import { parseArgs } from 'node:util';

/** What `npm run fuzz` takes. */
export interface FuzzOptions {
  /** Requests at the least; what they are is up to the seed. */
  readonly requests: number;
  readonly seed: number;
  /** The local server on its embedded store, or the function on a DynamoDB. */
  readonly engine: 'embedded' | 'lambda';
}

export const usage = `Sends requests made up from the OpenAPI document, and checks every answer against it.

  npm run fuzz -- [options]

  --requests N               how many at the least (default 20000)
  --seed S                   which (default 1)
  --engine embedded|lambda   the local server, or the function on a DynamoDB engine (default embedded)
`;

/** Thrown for command lines that cannot be understood; the message is for the user. */
export class FuzzUsageError extends Error {}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) {
    return fallback;
  }
  if (!/^[1-9]\d{0,7}$/.test(text)) {
    throw new FuzzUsageError(`--${name} takes a whole number from 1, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/** @throws FuzzUsageError for what it does not know. */
export function parseFuzzOptions(argv: readonly string[]): FuzzOptions | 'help' {
  const { requests, seed, engine = 'embedded', help } = parsed(argv);
  if (help === true) {
    return 'help';
  }
  if (engine !== 'embedded' && engine !== 'lambda') {
    throw new FuzzUsageError(`--engine takes embedded or lambda, got ${JSON.stringify(engine)}`);
  }
  return { requests: count('requests', requests, 20_000), seed: count('seed', seed, 1), engine };
}

function parsed(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: { requests: text, seed: text, engine: text, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new FuzzUsageError(error instanceof Error ? error.message : String(error));
  }
}
