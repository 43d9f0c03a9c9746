import { startMinistack } from '../ministack.ts';
import { type ApiPhaseOptions, runApiPhases } from './api-phases.ts';
import { callsOf, cloudEnvironment, eventOf, newTenant } from './cloud.ts';
import { coldStart } from './cold-start.ts';
import { startControlPlane } from './control-plane.ts';
import { bundleFunction, bundleParts } from './function-bundle.ts';
import { spent, usageOf } from './usage.ts';

type Print = (line: string) => void;

/** Measures the API of a local server, in a process of its own, on the embedded engine. */
export async function benchEmbedded(main: string, options: ApiPhaseOptions, print: Print): Promise<void> {
  print('embedded engine, local server over HTTP');
  const plane = await startControlPlane(main);
  try {
    const before = usageOf(plane.pid);
    await runApiPhases(plane.api, options, print);
    print(`server: ${spent(before, usageOf(plane.pid))}`);
  } finally {
    await plane.stop();
  }
}

/** Measures the bundled function in this process, on a local DynamoDB, and how it starts. */
export async function benchDynamoDb(options: ApiPhaseOptions, print: Print): Promise<void> {
  print(
    'DynamoDB engine (ministack, which is slower than DynamoDB), the bundled function called with events',
  );
  const ministack = await startMinistack();
  const bundle = await bundleFunction(process.cwd(), 'functions/api.ts');
  try {
    const environment = await cloudEnvironment(ministack.endpoint);
    Object.assign(process.env, environment);
    const { handler } = await import(bundle.file);
    const admin = await newTenant(handler, 'bench');
    await runApiPhases(callsOf(handler, admin), options, print);
    const kib = (bytes: number) => (bytes / 1024).toFixed(0);
    print(`bundle: ${kib(bundle.startBytes)} KiB are read at the start, ${kib(bundle.bytes)} KiB in all`);
    for (const { name, bytes } of bundleParts(bundle).slice(0, 12)) {
      print(`  ${kib(bytes).padStart(5)} KiB  ${name}`);
    }
    for (const path of ['/', '/meshes/default/dataplanes']) {
      const starts = [];
      for (let run = 0; run < 5; run += 1) {
        starts.push(await coldStart(bundle.file, eventOf('GET', path, admin), environment));
      }
      const [best] = starts.sort((a, b) => a.load + a.answer - b.load - b.answer);
      print(
        `cold start, GET ${path}: load ${best?.load.toFixed(0)} ms, answer ${best?.answer.toFixed(0)} ms (${best?.status})`,
      );
    }
  } finally {
    bundle.remove();
    await ministack.stop();
  }
}
