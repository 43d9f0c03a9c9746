import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointChange, policyChange } from './changes.ts';
import { type ControlPlane, type ControlPlaneAddress, controlPlaneAt } from './control-plane.ts';
import type { FleetShape } from './fleet.ts';
import { createQuietMesh } from './quiet-mesh.ts';
import { createRunningFleet } from './running-fleet.ts';
import { summary } from './stats.ts';
import { spent, usageOf } from './usage.ts';

/** Changes a second in the noisy mesh. */
const noisyRate = 100;
/** Changes of the noisy mesh that are not answered yet: few, for what is measured is the relay and not the line before the API. */
const maxOpen = 4;

type Kind = 'policy' | 'endpoint';
type Order = { readonly change: Kind | undefined };
type Report = { readonly done: number };

function noisyChange(kind: Kind, round: number) {
  return kind === 'policy'
    ? policyChange(1_000 * (1 + (round % 3_600)))
    : endpointChange('extra', `service-${round % 7}`, `172.30.${round % 200}.${1 + (round % 250)}`);
}

/**
 * The noisy mesh, in a process of its own: brings its proxies up, then changes as it is told to over the channel of
 * `fork`, and answers how many changes it has made when it is told to stop.
 */
export async function runNoisyFleet(text: string): Promise<void> {
  const { at, shape, rampMs } = JSON.parse(text) as {
    at: ControlPlaneAddress;
    shape: FleetShape;
    rampMs: number;
  };
  const plane = controlPlaneAt(at);
  let order: Order = { change: undefined };
  let done = 0;
  let open = 0;
  process.on('message', (next: Order) => {
    process.send?.({ done } satisfies Report);
    done = 0;
    order = next;
  });
  const fleet = createRunningFleet(plane, shape, 'delta');
  await fleet.fetchTokens();
  await fleet.bringUp(rampMs);
  process.send?.({ done } satisfies Report);
  for (let round = 0; process.connected; round += 1) {
    const { change } = order;
    if (change !== undefined && open < maxOpen) {
      open += 1;
      void noisyChange(change, round)
        .make(plane, shape.mesh)
        .then(
          () => (done += 1),
          () => {},
        )
        .finally(() => (open -= 1));
    }
    await sleep(1_000 / noisyRate);
  }
}

/**
 * Prints how long a change of a quiet mesh takes to its proxies: with nothing else to do, while the fleet of another mesh
 * comes up, and while that one changes a hundred times a second.
 */
export async function benchFairness(
  plane: ControlPlane,
  shape: FleetShape,
  { rampMs, changes }: { readonly rampMs: number; readonly changes: number },
  print: (line: string) => void,
): Promise<void> {
  const quiet = await createQuietMesh(plane, plane.pid);
  const measure = async (title: string, goesOn: (count: number) => boolean) => {
    const before = usageOf(plane.pid);
    const start = performance.now();
    const { arrived, answered, ran } = await quiet.measure(goesOn);
    const seconds = (performance.now() - start) / 1_000;
    print(
      `${title.padEnd(44)} ${summary(arrived)}; ${seconds.toFixed(0)} s, ${spent(before, usageOf(plane.pid))}`,
    );
    print(`  until the API had answered                 ${summary(answered)}`);
    print(`  the server ran for                         ${summary(ran)}`);
  };

  await measure('alone', (count) => count < changes);
  const child = fork(process.argv[1] ?? '', ['noisy-fleet', JSON.stringify({ at: plane.at, shape, rampMs })]);
  const report = async (): Promise<Report> => (await once(child, 'message'))[0];
  try {
    let up = false;
    void report().then(() => (up = true));
    await measure(`while ${shape.proxies} proxies of another mesh come`, () => !up);
    await measure('with them connected', (count) => count < changes);
    for (const change of ['policy', 'endpoint'] as const) {
      child.send({ change } satisfies Order);
      await report();
      await sleep(1_000);
      const start = performance.now();
      await measure(`while another changes its ${change} ${noisyRate} a second`, (count) => count < changes);
      child.send({ change: undefined } satisfies Order);
      const { done } = await report();
      print(`  it made ${(done / ((performance.now() - start) / 1_000 + 1)).toFixed(0)} changes a second`);
      await sleep(3_000);
    }
  } finally {
    child.kill();
    await once(child, 'exit');
    quiet.close();
  }
}
