// What compiling a fleet costs: `node --expose-gc dist/…` is not needed, `npx vite-node` neither; see the head of main.
import type { CompiledProxy } from '../../src/compile/compiler.ts';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { proxyInput } from './support/compile-fixture.ts';
import { connectionTimeout, fleet, fleetMember, withResource } from './support/fleet.ts';
const size = { proxies: Number(process.env.PROXIES ?? 1000), services: 100, outbounds: 5 };
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
const gc = () => { const g = (globalThis as { gc?: () => void }).gc; g?.(); g?.(); };
const heap = () => { gc(); const m = process.memoryUsage(); return (m.heapUsed + m.arrayBuffers) / 1e6; };
let { context, dataplanes } = fleet(size);
const h0 = heap();
const inputs = dataplanes.map((d) => proxyInput(context, d));
function measure<T>(name: string, run: () => T): T { const c = cpu(); const t = performance.now(); const r = run(); console.log(name.padEnd(44), (cpu() - c).toFixed(1).padStart(9), 'CPU-ms', (performance.now() - t).toFixed(1).padStart(9), 'ms'); return r; }
for (let round = 0; round < 3; round++) {
  const compiler = createCompiler();
  let all: CompiledProxy[] = measure(`bring-up ${round}`, () => inputs.map((i) => compiler.compile(i)));
  if (round === 0) console.log('memory of snapshots MB', (heap() - h0).toFixed(1), 'bytes', [...new Set(all.flatMap((p) => Object.values(p.snapshot.resources).flatMap((m) => [...m.values()])))].reduce((n, r) => n + r.delta.length, 0));
  all = measure('nothing changed', () => inputs.map((i, at) => { const r = compiler.compile(i, all[at]); if (r !== all[at]) throw new Error('changed'); return r; }));
  let now = context;
  for (const t of ['7s', '8s', '9s', '10s', '11s']) {
    now = withResource(now, connectionTimeout(t));
    all = measure(`policy ${t}`, () => inputs.map((i, at) => compiler.compile({ ...i, context: now }, all[at])));
  }
  for (let k = 0; k < 3; k++) {
    now = withResource(now, fleetMember(size.proxies + k, size));
    let changed = 0;
    all = measure('new endpoint, all asked', () => inputs.map((i, at) => { const r = compiler.compile({ ...i, context: now }, all[at]); if (r !== all[at]) changed++; return r; }));
    console.log('  consumers', changed);
  }
}
