// `npm run quickstart`: a mesh on this machine in a few seconds. With --once it shows what there is to see and ends.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../dp/project-root.ts';
import { runQuickstart } from './quickstart/quickstart.ts';
import { createTerminal } from './quickstart/terminal.ts';
import { envoyPath } from './tools/envoy.ts';
import { installTools } from './tools/install.ts';

const root = projectRoot() ?? process.cwd();
const dist = join(root, 'dist');
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());

try {
  const { values } = parseArgs({ options: { once: { type: 'boolean' } } });
  await installTools('envoy', { root, env: process.env, say: (line) => console.log(line) });
  await runQuickstart(values.once === true, {
    terminal: createTerminal((text) => process.stdout.write(text), {
      color: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
      now: () => new Date(),
    }),
    server: {
      program: process.execPath,
      args: [join(dist, 'dev', 'main.js'), '--api-port', '0', '--dp-port', '0', '--output', 'json'],
    },
    dist,
    envoy: envoyPath(),
    signal: stop.signal,
  });
} catch (error) {
  console.error(`\nError: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
