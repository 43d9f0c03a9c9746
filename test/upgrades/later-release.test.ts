import { describe, expect, it, onTestFinished } from 'vitest';
import { defaultTenant } from '../../src/model/tenant.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { systemOwner } from '../../src/store/port.ts';
import { headKey } from '../../src/store/resources/keys.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import {
  connectProxy,
  makeTenant,
  openProcess,
  openRelay,
  putDataplane,
  tokenFor,
} from '../xds/support/process-world.ts';
import { added, laterRelease } from './support/later-release.ts';

const soon = { timeout: 20_000, interval: 20 };

/** One table, and two processes on it: of this release, and of a later one, which writes more. */
function openTable() {
  const items = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  onTestFinished(() => items.close());
  return { items, ours: openProcess(items), later: openProcess(laterRelease(items)) };
}

async function stored(items: ItemStore, ...[owner, key]: Parameters<ItemStore['get']>): Promise<unknown> {
  const item = await items.get(owner, key);
  return item === undefined ? undefined : JSON.parse(String(item.value));
}

describe('beside a later release, this one', () => {
  it('serves a tenant and a mesh that the later one made, and sees its changes', async () => {
    const { ours, later } = openTable();
    await makeTenant(later);
    await putDataplane(later, 'db-1', 'db', '10.0.0.1');
    await putDataplane(later, 'web-1', 'web', '10.0.1.1', ['db']);
    expect(await ours.tenants.lookup.find(defaultTenant)).not.toHaveProperty('addedLater');
    const relay = await openRelay('relay-1', ours);
    onTestFinished(() => relay.stop());
    const proxy = await connectProxy(relay, await tokenFor(ours, 'web-1'), 'web-1');
    expect(proxy.endpoints('db')).toStrictEqual(['10.0.0.1']);
    await putDataplane(later, 'db-2', 'db', '10.0.0.2');
    await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1', '10.0.0.2']);
    expect(proxy.ended).toBeUndefined();
  });

  it('passes over types of resources that it does not know, in both scopes, and carries them', async () => {
    const { ours, later } = openTable();
    await makeTenant(later);
    await putDataplane(later, 'web-1', 'web', '10.0.1.1', ['db']);
    const relay = await openRelay('relay-1', ours);
    onTestFinished(() => relay.stop());
    const proxy = await connectProxy(relay, await tokenFor(ours, 'web-1'), 'web-1');
    for (const mesh of ['default', '']) {
      const draft = {
        type: 'MeshOfLater',
        mesh,
        name: 'new',
        labels: {},
        spec: { targetRef: { kind: 'Mesh' } },
      };
      await later.resources.commit(defaultTenant, [{ kind: 'put', draft }]);
    }
    await putDataplane(ours, 'db-1', 'db', '10.0.0.1');
    await expect.poll(() => proxy.endpoints('db'), soon).toStrictEqual(['10.0.0.1']);
    await ours.resources.fold(defaultTenant, 'default');
    const { resources } = await openProcess(laterRelease(ours.tenants.table)).resources.load(
      defaultTenant,
      'default',
    );
    expect(resources.filter(({ type }) => type === 'MeshOfLater').map(({ spec }) => spec)).toStrictEqual([
      { targetRef: { kind: 'Mesh' }, addedLater: added },
    ]);
  });

  it('keeps what the later one has written of a mesh in what it rewrites itself', async () => {
    const { items, ours, later } = openTable();
    await makeTenant(later);
    const key = headKey('default');
    expect(await stored(items, defaultTenant, key)).toMatchObject({ addedLater: added });
    await putDataplane(ours, 'web-1', 'web', '10.0.1.1');
    await ours.resources.fold(defaultTenant, 'default');
    expect(await stored(items, defaultTenant, key)).toMatchObject({ addedLater: added });
  });

  it('keeps what the later one has written of a tenant when it changes it', async () => {
    const { items, ours, later } = openTable();
    await makeTenant(later);
    const changed = await ours.tenants.directory.update(defaultTenant, (current) => ({
      ...current,
      displayName: 'Another',
      quotas: { ...current.quotas, meshes: 3 },
    }));
    expect(changed).not.toHaveProperty('addedLater');
    expect(await stored(items, systemOwner, { partition: 'tenants', sort: defaultTenant })).toMatchObject({
      displayName: 'Another',
      addedLater: added,
      quotas: { meshes: 3, addedLater: 7 },
      settings: { addedLater: added },
    });
    const { quotas } = changed;
    expect(await later.tenants.directory.get(defaultTenant)).toMatchObject({
      displayName: 'Another',
      quotas,
    });
  });

  it('sees which relays of the later one live, and what they know of proxies', async () => {
    const { ours, later } = openTable();
    await makeTenant(later);
    await putDataplane(later, 'web-1', 'web', '10.0.1.1');
    const relay = await openRelay('relay-later', later);
    onTestFinished(() => relay.stop());
    await connectProxy(relay, await tokenFor(ours, 'web-1'), 'web-1');
    expect((await ours.leases.list()).map((lease) => lease.relay)).toStrictEqual(['relay-later']);
    await expect
      .poll(
        async () => (await ours.insights.get(defaultTenant, 'default', 'web-1'))?.subscriptions.length,
        soon,
      )
      .toBe(1);
    await expect
      .poll(
        async () => [...((await ours.propagation.read(defaultTenant, 'default'))?.relays.keys() ?? [])],
        soon,
      )
      .toStrictEqual(['relay-later']);
  });
});
