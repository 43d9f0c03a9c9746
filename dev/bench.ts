import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchDynamoDb, benchEmbedded } from './bench/api-bench.ts';
import { startControlPlane } from './bench/control-plane.ts';
import { runPhases } from './bench/phases.ts';

const usage = `Measures Kumulus.

  npm run bench -- [--proxies 300] [--services 50] [--outbounds 5] [--ramp SECONDS] [--rounds 3]

Connects many proxies to a local server. The server runs in a process of its own, whose CPU time and memory are shown;
the proxies run in this one.

  npm run bench -- api [--engine embedded|dynamodb|both] [--dataplanes 10000] [--requests 2000]

Writes and reads through the REST API, on either engine, and starts the function cold.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'both' },
    dataplanes: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '2000' },
    proxies: { type: 'string', default: '300' },
    services: { type: 'string', default: '50' },
    outbounds: { type: 'string', default: '5' },
    ramp: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});

const main = fileURLToPath(new URL('./main.js', import.meta.url));
const print = (line: string) => console.log(line);

if (values.help) {
  print(usage);
} else if (positionals[0] === 'api') {
  const options = { dataplanes: Number(values.dataplanes), requests: Number(values.requests) };
  try {
    if (values.engine !== 'dynamodb') await benchEmbedded(main, options, print);
    if (values.engine !== 'embedded') await benchDynamoDb(options, print);
    process.exit(0);
  } catch (error) {
    // Node would show the line that threw, which is a whole bundle.
    console.error(error instanceof Error ? error.stack : String(error));
    process.exit(1);
  }
} else {
  const plane = await startControlPlane(main);
  try {
    await runPhases(
      plane,
      {
        mesh: 'default',
        proxies: Number(values.proxies),
        services: Number(values.services),
        outbounds: Number(values.outbounds),
      },
      { rampMs: Number(values.ramp) * 1_000, rounds: Number(values.rounds) },
      print,
    );
  } finally {
    await plane.stop();
  }
}
