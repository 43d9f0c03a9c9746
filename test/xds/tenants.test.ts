import { afterEach, describe, expect, it } from 'vitest';
import { KumulusError } from '../../src/model/errors.ts';
import { type TenantId, tenantId } from '../../src/model/tenant.ts';
import { newTenantRecord, noQuotas, tenantSettingsSchema } from '../../src/tenancy/tenant-record.ts';
import { whyNotServedBy } from '../../src/xds/runtime/served-authentication.ts';
import type { StreamHello } from '../../src/xds/session.ts';
import { dataplane, type RelayWorld, relayWorld } from './relay-world.ts';

let world: RelayWorld;
afterEach(() => world.close());

/** A relay world whose tenant has a record, in the state and with the quotas that are given. */
async function tenantWorld(
  quotas = noQuotas,
): Promise<RelayWorld & { set(state: 'active' | 'suspended'): void }> {
  const records = new Map<TenantId, 'active' | 'suspended'>();
  const made = await relayWorld({
    whyNotServed: whyNotServedBy({
      find: async (tenant) => {
        const state = records.get(tenant);
        const spec = { quotas, settings: tenantSettingsSchema.parse({}) };
        return state && newTenantRecord(tenant, spec, 0, state);
      },
    }),
    deregistrationDelayMs: 1,
  });
  const { tenant } = made.hello('x', undefined);
  records.set(tenant, 'active');
  return { ...made, set: (state) => void records.set(tenant, state) };
}

const refusalOf = (open: Promise<unknown>) =>
  open.then(
    () => 'let in',
    (error: unknown) => {
      const { code, message } =
        error instanceof KumulusError ? error : new KumulusError('internal', String(error));
      return `${code}: ${message}`;
    },
  );

describe('a stranger', () => {
  it('is told the same of a tenant, a mesh and a key that there is and of one that there is not', async () => {
    const asked = await tenantWorld();
    world = asked;
    const good = await world.token('web-1');
    const [header = '', payload = '', signature = ''] = good.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = [
      `${header}.${base64url({ ...claims, Name: 'web-2' })}.${signature}`,
      `${base64url({ alg: 'RS256', kid: '7' })}.${payload}.${signature}`,
    ];
    const hello = (token: string, more: Partial<StreamHello> = {}) => ({
      ...world.hello('web-1', token, dataplane('web-1', 'web', '10.0.0.1')),
      ...more,
    });
    const asks = [
      ...forged.map((token) => hello(token)),
      ...forged.map((token) => hello(token, { mesh: 'ghost' })),
      ...[...forged, good].map((token) => hello(token, { tenant: tenantId('nobody') })),
      hello(good, { mesh: 'ghost' }),
    ];
    const told = [];
    for (const ask of asks) {
      told.push(await refusalOf(world.relay.open(ask)));
    }
    expect(new Set(told)).toEqual(
      new Set([expect.stringMatching(/^unauthenticated: the token was not signed/)]),
    );
    asked.set('suspended');
    for (const token of forged) {
      expect(await refusalOf(world.relay.open(hello(token)))).toBe(told[0]);
    }
  });
});

describe('a tenant that is suspended', () => {
  it('has its streams ended and admits none, and keeps what it has', async () => {
    const asked = await tenantWorld();
    world = asked;
    const hello = world.hello('web-1', await world.token('web-1'), dataplane('web-1', 'web', '10.0.0.1'));
    const session = await world.relay.open(hello);
    const end = new Promise<KumulusError>((resolve) => session.onEnd(resolve));
    asked.set('suspended');
    expect(await end).toMatchObject({ code: 'forbidden', message: 'this control plane is suspended' });
    expect(await refusalOf(world.relay.open(hello))).toBe('forbidden: this control plane is suspended');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const key = { type: 'Dataplane', mesh: 'default', name: 'web-1' };
    expect(await world.stores.resources.get(hello.tenant, key)).toBeDefined();
    asked.set('active');
    expect(await refusalOf(world.relay.open(hello))).toBe('let in');
  });
});

describe('a quota of dataplanes', () => {
  it('holds for proxies that bring theirs along', async () => {
    world = await tenantWorld();
    const { tenant } = world.hello('x', undefined);
    const { directory, lookup } = world.stores.tenants;
    const spec = { quotas: { ...noQuotas, dataplanes: 1 }, settings: tenantSettingsSchema.parse({}) };
    const record = newTenantRecord(tenant, spec, 0, 'active');
    await directory.add(record);
    lookup.set(tenant, record);
    const open = async (name: string) =>
      world.relay.open(world.hello(name, await world.token(name), dataplane(name, 'web', '10.0.0.1')));
    await open('web-1');
    await expect(open('web-2')).rejects.toMatchObject({
      code: 'too_many_requests',
      message: 'the quota is 1 dataplanes, this would make it 2',
    });
    expect((await open('web-1')).snapshot).toBeDefined();
  });
});
