import { parseArgs } from 'node:util';

/** What `npm start` takes. */
export interface ServerOptions {
  /** 0 picks a free port. */
  readonly apiPort: number;
  /** The API over TLS; undefined leaves it out. */
  readonly apiTlsPort: number | undefined;
  readonly dpPort: number;
  /** Metrics and health; undefined leaves them out. */
  readonly diagnosticsPort: number | undefined;
  readonly data: string;
  /** `json` prints one line for programs when the server is ready. */
  readonly output: 'text' | 'json';
}

/** Thrown for command lines that cannot be understood; the message is for the user. */
export class UsageError extends Error {}

export const usage = `Runs the whole of Kumulus on this machine: API, relay and schedules, on an embedded store.

  npm start -- [options]

  --api-port PORT      the REST API (default 5681, 0 picks a free one)
  --api-tls-port PORT  the REST API over TLS (default 5682; none where --api-port is given)
  --dp-port PORT       where proxies connect (default 5678, 0 picks a free one)
  --diagnostics-port PORT
                       /metrics, /healthz and /readyz (default 5680; none where --api-port is given)
  --data DIR           where everything is kept (default .kumulus)
  --output text|json   how to say that it is ready (default text)
  --help               this text

Settings come from Kuma's environment variables, such as KUMA_API_SERVER_AUTHN_LOCALHOST_IS_ADMIN=false.
`;

function port(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) {
    return fallback;
  }
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) {
    throw new UsageError(`--${name} takes a port between 0 and 65535, got ${JSON.stringify(text)}`);
  }
  return value;
}

/**
 * Reads the command line; `help` where it was asked for.
 *
 * @throws UsageError for what it does not know.
 */
export function parseOptions(argv: readonly string[]): ServerOptions | 'help' {
  const { values } = parse(argv);
  if (values.help === true) {
    return 'help';
  }
  const output = values.output ?? 'text';
  if (output !== 'text' && output !== 'json') {
    throw new UsageError(`--output takes text or json, got ${JSON.stringify(output)}`);
  }
  /** What a second server does without unless it is asked for, so that choosing two ports is enough. */
  const side = (name: 'api-tls-port' | 'diagnostics-port', fallback: number) =>
    values[name] === undefined && values['api-port'] !== undefined
      ? undefined
      : port(name, values[name], fallback);
  return {
    apiPort: port('api-port', values['api-port'], 5681),
    apiTlsPort: side('api-tls-port', 5682),
    dpPort: port('dp-port', values['dp-port'], 5678),
    diagnosticsPort: side('diagnostics-port', 5680),
    data: values.data ?? '.kumulus',
    output,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        'api-port': { type: 'string' },
        'api-tls-port': { type: 'string' },
        'dp-port': { type: 'string' },
        'diagnostics-port': { type: 'string' },
        data: { type: 'string' },
        output: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
