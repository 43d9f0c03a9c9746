import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startControlPlane } from './bench/control-plane.ts';
import { runPhases } from './bench/phases.ts';

const usage = `Connects many proxies to a local server and measures it.

  npm run bench -- [--proxies 300] [--services 50] [--outbounds 5] [--ramp SECONDS] [--rounds 3]

The server runs in a process of its own, whose CPU time and memory are shown; the proxies run in this one.
`;

const { values } = parseArgs({
  options: {
    proxies: { type: 'string', default: '300' },
    services: { type: 'string', default: '50' },
    outbounds: { type: 'string', default: '5' },
    ramp: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  const plane = await startControlPlane(fileURLToPath(new URL('./main.js', import.meta.url)));
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
      (line) => console.log(line),
    );
  } finally {
    await plane.stop();
  }
}
