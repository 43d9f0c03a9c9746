import { SecretValue } from '../../../src/model/secret-value.ts';
import type { DepartureList } from '../../../src/store/departures.ts';
import { mesh, shortMesh, tenant, usedFor, usedKey } from './life.ts';
import type { AllStores } from './stores.ts';

async function all<Entry>(pages: AsyncIterable<readonly Entry[]>): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const page of pages) {
    entries.push(...page);
  }
  return entries;
}

/** As JSON has it; secrets as they are, for these protect nothing. */
function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_, member: unknown) => {
    if (member instanceof Map) {
      return Object.fromEntries(member);
    }
    return typeof member === 'object' &&
      member !== null &&
      'data' in member &&
      member.data instanceof SecretValue
      ? { data: member.data.reveal() }
      : member;
  });
  return JSON.parse(text);
}

function byName(one: { readonly type: string; readonly name: string }, other: typeof one): number {
  return `${one.type}/${one.name}` < `${other.type}/${other.name}` ? -1 : 1;
}

async function history({ resources }: AllStores, name: string): Promise<unknown> {
  const head = await resources.head(tenant, name);
  const { revision, resources: held } = await resources.load(tenant, name);
  const log = await resources.logAfter(tenant, name, head.snapshotRevision);
  return { head, revision, resources: [...held].sort(byName), log };
}

async function events({ outbox }: AllStores): Promise<unknown> {
  const found: unknown[] = [];
  for await (const entry of outbox.entries(Number.MAX_SAFE_INTEGER)) {
    found.push([entry.tenant, (await outbox.records(entry)).map(({ id }) => id)]);
  }
  return found;
}

/** All that readers of a table see of it, store by store. */
export async function seenIn(stores: AllStores): Promise<unknown> {
  const lists: readonly DepartureList[] = ['offline', 'left', 'zone'];
  const departures = await Promise.all(
    lists.map((list) => all(stores.departures.entries(list, Number.MAX_SAFE_INTEGER))),
  );
  return plain({
    tenants: await stores.tenants.directory.page({ limit: 10 }),
    beside: await history(stores, ''),
    mesh: await history(stores, mesh),
    insights: await stores.insights.list(tenant, mesh),
    shortInsights: await stores.shortInsights.list(tenant, shortMesh),
    propagation: await stores.propagation.read(tenant, mesh),
    leases: [await stores.leases.list(), await stores.leases.dead()],
    holdings: await all(stores.holdings.of('relay-1')),
    departures,
    dueFolds: await all(stores.dueFolds.due(Number.MAX_SAFE_INTEGER)),
    hints: await stores.feed.follow().read(),
    idempotency: [
      await stores.idempotency.begin(usedKey, usedFor),
      await stores.idempotency.begin(usedKey, 'another'),
    ],
    usage: await stores.usage.read(tenant),
    audit: await stores.history.audit.read(tenant, { limit: 1_000 }),
    events: await events(stores),
  });
}
