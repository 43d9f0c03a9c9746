import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { anotherTenant, type ControlPlane } from './control-plane.ts';
import { type Phase, quantiles } from './figures.ts';
import type { FleetShape } from './fleet.ts';
import { createQuietMesh, type QuietTimes } from './quiet-mesh.ts';
import type { StormOrder, StormReport } from './storm-fleet.ts';
import { type Usage, usageOf } from './usage.ts';

/** Changes of the other tenant that are measured while all is quiet. */
const quietChanges = 20;
const settleMs = 5_000;
/** Between two looks at health and memory, in milliseconds; an answer that takes longer than the patience is a bad one. */
const lookMs = 200;
const patienceMs = 5_000;

/**
 * Lets a whole fleet connect at once, with as many connections as proxies, and then come back at once. Tells for each how
 * long it took, what was refused meanwhile, what health answered, and how long changes of another tenant took.
 *
 * @param program this program, which runs the fleet in a process of its own.
 */
export async function benchStorm(
  plane: ControlPlane,
  shape: FleetShape,
  program: string,
  tell: (phase: Phase) => void,
): Promise<void> {
  const quiet = await createQuietMesh(await anotherTenant(plane, 'quiet'), plane.pid);
  // A mesh rests a little after its proxies came.
  await sleep(settleMs);
  tell({ name: 'quiet', figures: figuresOf(await quiet.measure((changes) => changes < quietChanges)) });
  const child = fork(program, [
    'storm-fleet',
    JSON.stringify({ at: plane.at, diagnostics: plane.diagnostics, shape }),
  ]);
  const answer = async (): Promise<StormReport> => (await once(child, 'message'))[0];
  const orders: readonly StormOrder[] = ['come', 'come back'];
  try {
    await answer();
    for (const order of orders) {
      const before = usageOf(plane.pid);
      const start = performance.now();
      const watch = watchHealth(plane);
      let isOver = false;
      const report = answer().finally(() => {
        isOver = true;
      });
      child.send(order);
      const others = await quiet.measure((changes) => !isOver || changes === 0);
      const { failed, responses } = await report;
      const seconds = Number(((performance.now() - start) / 1_000).toFixed(1));
      const { cpuSeconds, ...health } = await watch.stop(before);
      tell({
        name: order,
        figures: { proxies: shape.proxies, seconds, failed, responses, cpuSeconds, ...health },
      });
      tell({ name: 'others', figures: figuresOf(others) });
      await sleep(12_000);
    }
  } finally {
    child.kill();
    quiet.close();
  }
}

/** The delays of changes; of them what the API took; and how long the server ran meanwhile, whatever else the machine did. */
function figuresOf({ arrived, answered, ran }: QuietTimes): Phase['figures'] {
  const { count: _, ...delays } = quantiles(arrived);
  const { p50Ms: answeredP50Ms = 0, p99Ms: answeredP99Ms = 0 } = quantiles(answered);
  const { p50Ms: ranP50Ms = 0, p99Ms: ranP99Ms = 0 } = quantiles(ran);
  return { ...delays, answeredP50Ms, answeredP99Ms, ranP50Ms, ranP99Ms };
}

/** Asks for health again and again. */
function watchHealth({ diagnostics, pid }: ControlPlane) {
  const times: number[] = [];
  let bad = 0;
  let peakMiB = 0;
  let isOver = false;
  const look = async (path: string) => {
    const start = performance.now();
    const answer = await fetch(diagnostics + path, { signal: AbortSignal.timeout(patienceMs) }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer();
    bad += answer?.ok === true ? 0 : 1;
    times.push(performance.now() - start);
  };
  const run = async () => {
    while (!isOver) {
      peakMiB = Math.max(peakMiB, usageOf(pid).residentMiB);
      await Promise.all([look('/healthz'), look('/readyz')]);
      await sleep(lookMs);
    }
  };
  const running = run();
  return {
    async stop(before: Usage) {
      isOver = true;
      await running;
      const { p99Ms = 0, count = 0 } = quantiles(times);
      const cpuSeconds = Number((usageOf(pid).cpuSeconds - before.cpuSeconds).toFixed(1));
      const figures: { readonly cpuSeconds: number } & Phase['figures'] = {
        cpuSeconds,
        peakMiB: Math.round(peakMiB),
        healthAnswers: count,
        healthBad: bad,
        healthP99Ms: p99Ms,
      };
      return figures;
    },
  };
}
