import { defaultTenant, tenantId } from '../../../src/model/tenant.ts';
import type { TenantOf } from '../../../src/xds/server/tenant.ts';
import { cluster, listener, snapshotOf, type TestRelay, type TestSessions } from '../relay-fixture.ts';
import { startFaithfulProxy } from './faithful-proxy.ts';

/** The tenant of a token in these tests: what comes before the first slash. */
export const tenantByToken: TenantOf = ({ token }) => {
  const [tenant] = (token ?? '').split('/');
  return tenant === undefined || tenant === '' ? defaultTenant : tenantId(tenant);
};

/** Proxies that nothing is wrong with, on the same relay: one of the same mesh and one of another tenant. */
export interface Bystanders {
  /** A change is made, and arrives at each of them. */
  areServed(): Promise<void>;
  /** They have kept their first streams all along. */
  readonly undisturbed: boolean;
}

/** Connects them. */
export async function startBystanders(relay: TestRelay, sessions: TestSessions): Promise<Bystanders> {
  const proxies = [
    startFaithfulProxy(relay, { name: 'neighbour' }),
    startFaithfulProxy(relay, { name: 'stranger', token: 'acme/token' }),
  ];
  let revision = 100;
  const areServed = async () => {
    revision += 1;
    const changed = [cluster('a', revision), listener('in', revision)];
    for (const { name } of proxies) {
      (await sessions.of(name)).publish(snapshotOf(revision, changed));
    }
    await Promise.all(proxies.map((proxy) => proxy.holds(...changed)));
  };
  await areServed();
  return {
    areServed,
    get undisturbed() {
      return proxies.every(({ streams }) => streams === 1);
    },
  };
}
