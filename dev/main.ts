import { isKumulusError } from '../src/model/errors.ts';
import { createJsonLogger, logLevel } from '../src/model/json-logger.ts';
import { readyText } from './server/banner.ts';
import { type LocalServer, startLocalServer } from './server/local-server.ts';
import { parseOptions, type ServerOptions, UsageError, usage } from './server/options.ts';

/** What a person is told of an error that keeps the server from starting: one line. */
function explain(error: unknown, options: ServerOptions): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const port = 'port' in error ? String(error.port) : 'one of the ports';
    return `port ${port} is taken: stop what listens there, or choose others with --api-port, --api-tls-port, --dp-port and --diagnostics-port (0 picks a free one)`;
  }
  if (error instanceof Error && 'code' in error && error.code === 'EACCES' && 'port' in error) {
    return `port ${String(error.port)} may not be used by this user`;
  }
  if (isKumulusError(error)) {
    return error.message;
  }
  return `the server cannot start on ${options.data}: ${error instanceof Error ? error.message : String(error)}`;
}

function announce(server: LocalServer, options: ServerOptions): void {
  if (options.output === 'json') {
    const ready = {
      event: 'ready',
      api: `http://127.0.0.1:${server.apiPort}`,
      dp: `https://localhost:${server.dpPort}`,
      ca: server.caFile,
      ...(server.diagnosticsPort !== undefined && {
        diagnostics: `http://127.0.0.1:${server.diagnosticsPort}`,
      }),
    };
    console.log(JSON.stringify(ready));
  } else {
    console.log(readyText(server));
  }
}

/** Resolves at the first signal to stop; the second one ends the process at once. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) {
          process.exit(1);
        }
        asked = true;
        resolve(signal);
      });
    }
  });
}

async function run(options: ServerOptions): Promise<number> {
  const logger = createJsonLogger(logLevel(process.env.KUMULUS_LOG_LEVEL ?? 'warn'), (line) =>
    console.error(line),
  );
  let server: LocalServer;
  try {
    server = await startLocalServer(options, process.env, logger);
  } catch (error) {
    console.error(`kumulus: ${explain(error, options)}`);
    return 1;
  }
  const signal = stopSignal();
  announce(server, options);
  const received = await signal;
  logger.info('stopping', { signal: received });
  await server.stop();
  return 0;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
  } else {
    process.exitCode = await run(options);
  }
} catch (error) {
  if (!(error instanceof UsageError)) {
    throw error;
  }
  console.error(`kumulus: ${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
