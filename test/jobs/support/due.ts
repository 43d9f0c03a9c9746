import type { TenantId } from '../../../src/model/tenant.ts';
import { type JobsWorld, liveness } from './jobs-world.ts';

const { dataplaneIdleTimeoutMs: idle, dataplaneCleanupAgeMs: age } = liveness;

/** The Dataplanes that there are. */
const names = [
  'old-1',
  'old-2',
  'old-3',
  'young',
  'orphan-1',
  'orphan-2',
  'left',
  'back',
  'fine',
  'prepared',
];

/** Something of everything that is due: the end is the same however often the jobs are stopped and run. */
export async function prepareDue(jobs: JobsWorld, tenant: TenantId, time: { now: number }): Promise<void> {
  await jobs.mesh('default');
  await jobs.mesh('other');
  for (const name of names) {
    await jobs.dataplane(name);
  }
  await jobs.dataplane('orphan', 'other');
  await jobs.zoneIngress('gate');
  const [dead, alive] = [await jobs.relay(`dead-${tenant}`), await jobs.relay(`alive-${tenant}`)];
  for (const name of ['old-1', 'old-2', 'old-3', 'back']) {
    await (await alive.connect(name))();
  }
  await (await alive.connect('ZoneIngress/gate', ''))();
  time.now += age - idle;
  await dead.renew();
  for (const name of ['orphan-1', 'orphan-2']) {
    await dead.connect(name);
  }
  await dead.connect('orphan', 'other');
  await (await alive.connect('young'))();
  await (await alive.connect('left'))('left');
  await alive.connect('back');
  await alive.connect('fine');
  time.now += idle;
  await alive.renew();
}

/** All that the jobs change, as a reader sees it. */
export async function stateOf(jobs: JobsWorld, tenant: TenantId) {
  const insights = await Promise.all(
    ['', 'default', 'other'].map((mesh) => jobs.insights.list(tenant, mesh)),
  );
  const dead = await jobs.leases.dead();
  return {
    dataplanes: await Promise.all(names.map(async (name) => [name, await jobs.has(name)])),
    gate: await jobs.has('gate', '', 'ZoneIngress'),
    insights: insights.flat().map(({ mesh, name, subscriptions }) => ({
      mesh,
      name,
      closed: subscriptions.map(({ disconnectTime }) => disconnectTime !== undefined),
    })),
    entered: (await jobs.entered()).map(({ list, mesh, names: entered }) => [list, mesh, entered]),
    dead: dead.filter(({ relay }) => relay.endsWith(tenant)).length,
  };
}

/** What the jobs make of it in the end, but for what is entered then. */
export const end = {
  dataplanes: names.map((name) => [name, !['old-1', 'old-2', 'old-3', 'left'].includes(name)]),
  gate: false,
  insights: [
    { mesh: 'default', name: 'back', closed: [true, false] },
    { mesh: 'default', name: 'fine', closed: [false] },
    { mesh: 'default', name: 'orphan-1', closed: [true] },
    { mesh: 'default', name: 'orphan-2', closed: [true] },
    { mesh: 'default', name: 'young', closed: [true] },
    { mesh: 'other', name: 'orphan', closed: [true] },
  ],
  dead: 0,
};
