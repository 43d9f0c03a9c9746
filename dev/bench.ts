import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { projectRoot } from '../dp/project-root.ts';
import { benchDynamoDb, benchEmbedded } from './bench/api-bench.ts';
import { startControlPlane } from './bench/control-plane.ts';
import type { BenchProtocol } from './bench/exchange.ts';
import { benchFairness, runNoisyFleet } from './bench/fairness.ts';
import { benchFeed } from './bench/feed.ts';
import { lineOf, machine, type Phase } from './bench/figures.ts';
import { runPhases } from './bench/phases.ts';
import { soak } from './bench/soak.ts';
import { benchStorm } from './bench/storm.ts';
import { runStormFleet } from './bench/storm-fleet.ts';
import { benchUnits } from './bench/units.ts';
import { installTools } from './tools/install.ts';

const usage = `Measures Kumulus.

  npm run bench -- [--proxies 1000] [--services 100] [--outbounds 5] [--ramp 30] [--rounds 3] [--reconnect 300]
                   [--protocol delta|sotw] [--json FILE]

Connects many proxies to a local server. The server runs in a process of its own, as \`npm start\` starts it, whose CPU time
and memory are shown; the proxies run in this one. The figures also go to a file as JSON, with what machine they are of.

  npm run bench -- soak [--minutes 30] [--every 100] [--envoys 2] [--proxies 1000] …

Changes the mesh every so many milliseconds and watches memory, delays, lost changes and refusals.

  npm run bench -- api [--engine embedded|dynamodb|both] [--dataplanes 10000] [--requests 2000]

Writes and reads through the REST API, on either engine, and starts the function cold.

  npm run bench -- storm [--proxies 5000] …

Lets all proxies connect at the same moment, and come back at the same moment, and watches another tenant meanwhile.

  npm run bench -- units [--proxies 200]

Tells what everyday acts cost on DynamoDB: a relay and functions in front of ministack, with a meter before each.

  npm run bench -- feed

Tells for several paces of polling how long a relay waits for a hint, and what the polls cost a month.

  npm run bench -- fairness [--proxies 1000] [--services 100] [--outbounds 5] [--ramp SECONDS] [--changes 60]

Changes a quiet mesh so many times: alone, while the proxies of another mesh come, and while that changes 100 times a second.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'both' },
    dataplanes: { type: 'string', default: '10000' },
    requests: { type: 'string', default: '2000' },
    proxies: { type: 'string' },
    services: { type: 'string', default: '100' },
    outbounds: { type: 'string', default: '5' },
    ramp: { type: 'string', default: '30' },
    reconnect: { type: 'string', default: '300' },
    protocol: { type: 'string', default: 'delta' },
    json: { type: 'string', default: 'bench.json' },
    minutes: { type: 'string', default: '30' },
    every: { type: 'string', default: '100' },
    envoys: { type: 'string', default: '2' },
    changes: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});

const main = fileURLToPath(new URL('./main.js', import.meta.url));
const cli = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const print = (line: string) => console.log(line);

/** A number of the command line that makes sense there. */
function positive(
  name: 'dataplanes' | 'requests' | 'changes' | 'minutes' | 'every' | 'envoys' | FleetOption,
): number {
  const value = Number(values[name]);
  if (!(value >= 0) || values[name] === '') {
    throw new Error(`--${name} takes a number, got ${JSON.stringify(values[name])}`);
  }
  return value;
}
type FleetOption = 'proxies' | 'services' | 'outbounds' | 'ramp' | 'rounds' | 'reconnect';

function protocol(): BenchProtocol {
  if (values.protocol !== 'delta' && values.protocol !== 'sotw') {
    throw new Error(`--protocol takes delta or sotw, got ${JSON.stringify(values.protocol)}`);
  }
  return values.protocol;
}

async function benchApi(): Promise<void> {
  const options = { dataplanes: positive('dataplanes'), requests: positive('requests') };
  if (values.engine !== 'dynamodb') await benchEmbedded(main, options, print);
  if (values.engine !== 'embedded') await benchDynamoDb(options, print);
}

async function benchFleet(kind: string | undefined): Promise<void> {
  const shape = {
    mesh: 'default',
    proxies: values.proxies === undefined ? 1_000 : positive('proxies'),
    services: positive('services'),
    outbounds: positive('outbounds'),
  };
  const connection = { protocol: protocol(), rampMs: positive('ramp') * 1_000 };
  if (kind === 'soak') {
    await installTools('envoy', { root: projectRoot() ?? process.cwd(), env: process.env, say: print });
  }
  const phases: Phase[] = [];
  const tell = (phase: Phase) => {
    phases.push(phase);
    print(lineOf(phase));
  };
  const plane = await startControlPlane(main);
  try {
    print(`${shape.proxies} proxies, ${shape.services} services, ${shape.outbounds} outbounds each`);
    if (kind === 'fairness') {
      await benchFairness(plane, shape, { ...connection, changes: positive('changes') }, print);
    } else if (kind === 'storm') {
      await benchStorm(plane, shape, process.argv[1] ?? '', tell);
    } else if (kind === 'soak') {
      const options = {
        minutes: positive('minutes'),
        everyMs: positive('every'),
        envoys: positive('envoys'),
      };
      await soak(plane, shape, { ...connection, ...options, cli }, tell);
    } else {
      const options = { rounds: positive('rounds'), reconnect: positive('reconnect') };
      await runPhases(plane, shape, { ...connection, ...options }, tell);
    }
  } finally {
    await plane.stop();
  }
  if (phases.length > 0) {
    const result = { machine: machine(), shape, ...connection, phases };
    writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
    print(`written to ${values.json}`);
  }
}

async function benchCosts(): Promise<void> {
  await installTools('all', { root: projectRoot() ?? process.cwd(), env: process.env, say: print });
  const relay = fileURLToPath(new URL('../xds-relay/main.js', import.meta.url));
  const proxies = values.proxies === undefined ? 200 : positive('proxies');
  await benchUnits(relay, proxies, (phase) => print(lineOf(phase)));
}

async function run([kind, argument]: readonly string[]): Promise<void> {
  if (values.help) {
    print(usage);
  } else if (kind === 'noisy-fleet') {
    await runNoisyFleet(argument ?? '{}');
  } else if (kind === 'storm-fleet') {
    await runStormFleet(argument ?? '{}');
    await new Promise(() => {});
  } else if (kind === 'api') {
    await benchApi();
  } else if (kind === 'units') {
    await benchCosts();
  } else if (kind === 'feed') {
    await installTools('all', { root: projectRoot() ?? process.cwd(), env: process.env, say: print });
    await benchFeed(print);
  } else if (kind === undefined || kind === 'fairness' || kind === 'soak' || kind === 'storm') {
    await benchFleet(kind);
  } else {
    throw new Error(`there is no benchmark ${JSON.stringify(kind)}\n\n${usage}`);
  }
}

run(positionals).then(
  () => process.exit(0),
  (error: unknown) => {
    // Node would show the line that threw, which is a whole bundle.
    console.error(error instanceof Error ? error.stack : String(error));
    process.exit(1);
  },
);
