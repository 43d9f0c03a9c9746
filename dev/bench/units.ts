import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiHandler } from '../../functions/api-handler.ts';
import { createJobsHandler } from '../../functions/jobs-handler.ts';
import { startMinistack } from '../ministack.ts';
import { type Children, createChildren } from '../quickstart/children.ts';
import { serverTls } from '../server/tls.ts';
import { freePorts } from '../tools/free-port.ts';
import { createCapacity } from './capacity.ts';
import { type BenchChange, endpointChange, policyChange } from './changes.ts';
import { callsOf, cloudEnvironment, newTenant } from './cloud.ts';
import { type ControlPlaneClient, controlPlaneAt } from './control-plane.ts';
import type { Phase } from './figures.ts';
import type { FleetShape } from './fleet.ts';
import { type Meter, type Reading, startMeter } from './meter.ts';
import { createRunningFleet, type RunningFleet } from './running-fleet.ts';
import { until } from './until.ts';

const tenant = 'bench';
const mesh = 'default';
/** Without a call that is not of the idle relay for so long, an act is over: insights are written within 10 s. */
const restMs = 13_000;
const idleMs = 60_000;
/** Longer than a proxy's Dataplane outlives its stream, which is 10 s, and than it takes to write that it went. */
const awayMs = 20_000;
/** What a call takes in AWS, about. */
const callMs = 10;

/** The parts of a deployment, each behind a meter of its own. */
interface MeteredCloud {
  readonly plane: ControlPlaneClient;
  readonly api: Meter;
  readonly relay: Meter;
  readonly jobs: Meter;
  /** Calls the jobs' function once. */
  runJobs(): Promise<void>;
  stop(): Promise<void>;
}

/** Tells what everyday acts cost on DynamoDB, by process: in write and read units, calls of the table, of KMS and of EventBridge. */
export async function benchUnits(
  relayProgram: string,
  proxies: number,
  tell: (phase: Phase) => void,
): Promise<void> {
  const cloud = await startCloud(relayProgram);
  const { plane } = cloud;
  const shape: FleetShape = { mesh, proxies, services: Math.max(1, Math.floor(proxies / 10)), outbounds: 5 };
  const act = async (name: string, work: () => Promise<unknown>, lastsMs = 0) => {
    const before = readingsOf(cloud);
    await work();
    await sleep(lastsMs);
    tell({ name, figures: difference(before, readingsOf(cloud)) });
  };
  const change = (fleet: RunningFleet, one: BenchChange, count: number) => () => fleet.arrival(one, count);
  try {
    const put = (name: string, address: string) => endpointChange(name, 'alone', address).make(plane, mesh);
    await act('tenant and its mesh are read first', () => plane.api('GET', `/meshes/${mesh}`));
    await act('GET', () => plane.api('GET', `/meshes/${mesh}`));
    await act('PUT of a new Dataplane', () => put('a', '10.0.0.1'));
    await act('PUT that changes it', () => put('a', '10.0.0.2'));
    await act('PUT of the same', () => put('a', '10.0.0.2'));
    await act('list', () => plane.api('GET', `/meshes/${mesh}/dataplanes`));
    await act('token', () => plane.api('POST', '/tokens/dataplane', { mesh, name: 'a', validFor: '1h' }));
    await act('relay idle, a minute', () => sleep(idleMs));

    const one = createRunningFleet(plane, { ...shape, proxies: 1 }, 'delta');
    await one.fetchTokens();
    await act('one proxy connects, the first', () => one.bringUp(0), restMs);
    await act('one proxy is restarted', () => restart(one), restMs);
    await act('one proxy goes with its Dataplane and comes back', () => restart(one, awayMs), restMs);
    one.close();
    await sleep(restMs);

    const fleet = createRunningFleet(plane, shape, 'delta');
    await act(`${proxies} tokens`, () => fleet.fetchTokens());
    await act(`${proxies} proxies connect at once`, () => fleet.bringUp(0), restMs);
    await act('relay with them, a minute', () => sleep(idleMs));
    await act('a policy reaches all', change(fleet, policyChange(3_010), proxies), restMs);
    const consumers = fleet.seats.filter(({ consumes }) => consumes.includes('service-0')).length;
    const moved = endpointChange('extra', 'service-0', '172.31.0.1');
    await act(`an endpoint reaches ${consumers}`, change(fleet, moved, consumers), restMs);
    await act('all come back at once', () => restart(fleet), restMs);
    await act('all go with their Dataplanes and come back', () => restart(fleet, awayMs), restMs);
    await act('jobs with nothing to do, the first run of a function', cloud.runJobs);
    await act('jobs with nothing to do', cloud.runJobs);
    fleet.close();
  } finally {
    await cloud.stop();
  }
}

async function restart(fleet: RunningFleet, awayMs = 500): Promise<void> {
  fleet.close();
  await sleep(awayMs);
  for (const proxy of fleet.proxies) {
    proxy.connect();
  }
}

const parts = ['api', 'relay', 'jobs'] as const;
type Readings = Readonly<Record<(typeof parts)[number], Reading>>;

function readingsOf({ api, relay, jobs }: MeteredCloud): Readings {
  return { api: api.read(), relay: relay.read(), jobs: jobs.read() };
}

/** `apiWrites`, `relayReads` and so on; what is 0 is left out. */
function difference(before: Readings, after: Readings): Phase['figures'] {
  const figures: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, value] of Object.entries(after[part])) {
      const spent = value - (Object.entries(before[part]).find(([other]) => other === name)?.[1] ?? 0);
      if (spent > 0) {
        figures[`${part}${name.charAt(0).toUpperCase()}${name.slice(1)}`] = spent;
      }
    }
  }
  return figures;
}

async function startCloud(relayProgram: string): Promise<MeteredCloud> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-units-'));
  const children = createChildren(join(folder, 'logs'));
  const ministack = await startMinistack();
  const capacity = createCapacity();
  const [api, relay, jobs] = await Promise.all([
    startMeter(ministack.endpoint, capacity, callMs),
    startMeter(ministack.endpoint, capacity, callMs),
    startMeter(ministack.endpoint, capacity, callMs),
  ]);
  const environment = { ...(await cloudEnvironment(ministack.endpoint)), KUMULUS_EVENT_BUS: 'default' };
  const through = (meter: Meter) => ({ ...environment, AWS_ENDPOINT_URL: meter.endpoint });
  const handler = createApiHandler(through(api));
  const runJobs = createJobsHandler(through(jobs));
  const admin = await newTenant(handler, tenant);
  const call = callsOf(handler, admin);
  await call('PUT', `/meshes/${mesh}`, { type: 'Mesh', name: mesh });
  const dp = await startRelay(children, relayProgram, folder, through(relay));
  return {
    plane: { ...controlPlaneAt({ ...dp, api: `https://${admin.host}` }), api: call },
    api,
    relay,
    jobs,
    runJobs: () => runJobs({}, { getRemainingTimeInMillis: () => 60_000 }),
    async stop() {
      await children.stopAll();
      await Promise.all([api, relay, jobs].map((meter) => meter.stop()));
      await ministack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the relay of the cloud in a process of its own. */
async function startRelay(
  children: Children,
  program: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
) {
  const tls = await serverTls(folder, Date.now());
  const [certFile, keyFile] = [join(folder, 'relay.pem'), join(folder, 'relay-key.pem')];
  writeFileSync(certFile, tls.certificate);
  writeFileSync(keyFile, tls.key.reveal(), { mode: 0o600 });
  const [port = 0, diagnostics = 0] = await freePorts(2);
  const child = children.start({
    name: 'relay',
    program: process.execPath,
    args: [program],
    env: {
      ...environment,
      KUMULUS_LOG_LEVEL: 'info',
      KUMULUS_DEFAULT_TENANT: tenant,
      KUMULUS_QUEUE_PREFIX: 'kumulus-bench-relay-',
      KUMULUS_DP_SERVER_CA_FILE: tls.caFile,
      KUMA_DP_SERVER_PORT: String(port),
      KUMA_DP_SERVER_TLS_CERT_FILE: certFile,
      KUMA_DP_SERVER_TLS_KEY_FILE: keyFile,
      KUMA_DIAGNOSTICS_SERVER_PORT: String(diagnostics),
    },
  });
  let listens = false;
  child.onLine((line) => {
    listens ||= line.includes('the relay listens');
  });
  await until(() => listens);
  return { dp: `https://127.0.0.1:${port}`, ca: tls.caFile };
}
