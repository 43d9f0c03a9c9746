import { randomUUID } from 'node:crypto';
import { systemAuthor } from '../../../src/model/author.ts';
import { silentLogger } from '../../../src/model/ports.ts';
import { SecretValue } from '../../../src/model/secret-value.ts';
import { tenantId } from '../../../src/model/tenant.ts';
import type { InsightContent } from '../../../src/store/insights.ts';
import type { Change } from '../../../src/store/resource-store.ts';
import { ensureTenant } from '../../../src/tenancy/ensure-tenant.ts';
import { newTenantRecord, tenantSpecSchema } from '../../../src/tenancy/tenant-record.ts';
import { newSigningKey } from '../../../src/tokens/new-signing-key.ts';
import type { AllStores } from './stores.ts';

export const tenant = tenantId('acme');
export const mesh = 'default';
/** The mesh whose insights have a short journal. */
export const shortMesh = 'short-journal';
/** A key that was used, by whom and for what. */
export const usedKey = { owner: tenant, user: 'ci', text: 'order-1' } as const;
export const usedFor = 'a-hash-of-the-request';

function put(
  type: string,
  name: string,
  spec: unknown,
  labels: Readonly<Record<string, string>> = {},
): Change {
  return { kind: 'put', draft: { type, mesh, name, labels, spec } };
}

function dataplane(number: number): Change {
  const inbound = {
    port: 8080,
    tags: { 'kuma.io/service': `service-${number % 7}`, 'kuma.io/protocol': 'http' },
  };
  const networking = {
    address: `10.0.${Math.floor(number / 250)}.${1 + (number % 250)}`,
    inbound: [inbound],
  };
  return put('Dataplane', `dp-${number}`, { networking }, { team: 'blue' });
}

/** What a relay writes of a proxy; every member that there is, somewhere. */
function insight(number: number, at: string): InsightContent {
  const stats = { responsesSent: 3, responsesAcknowledged: 2, responsesRejected: 1 };
  return {
    subscriptions: [
      {
        id: `subscription-${number}`,
        controlPlaneInstanceId: 'relay-1',
        connectTime: at,
        lastUpdateTime: at,
        stats: { total: stats, cds: stats },
        version: { kumaDp: { version: '2.13.10' }, envoy: { version: '1.36.4' } },
        givenRevision: 4,
        acknowledgedRevision: 3,
        ...(number % 3 === 0 && { disconnectTime: at }),
        ...(number % 5 === 0 && {
          refused: ['cds'] as const,
          lastNack: { typeUrl: 'type.googleapis.com/envoy', message: 'no', time: at },
        }),
      },
    ],
    metadata: { features: ['feature-readiness-unix-socket'] },
    ...(number % 2 === 0 && {
      mtls: {
        certificateExpirationTime: at,
        lastCertificateRegeneration: at,
        certificateRegenerations: 1,
        issuedBackend: 'ca-1',
        supportedBackends: ['ca-1'],
      },
    }),
    ...(number % 6 === 0 && { left: true }),
  };
}

/** Does a little of everything, so that there is an item of each kind. */
export async function live(stores: AllStores, clock: () => number): Promise<void> {
  const { resources, insights, tenants } = stores;
  const spec = tenantSpecSchema.parse({ quotas: { meshes: 5 }, settings: { auditRetentionDays: 30 } });
  await tenants.directory.add(newTenantRecord(tenant, spec, clock(), 'active'));
  const signing = newSigningKey();
  const deps = { resources, signingKeys: () => signing, clock, ids: randomUUID, logger: silentLogger };
  await ensureTenant({ ...deps, zone: 'default' }, tenant);

  await resources.commit(
    tenant,
    Array.from({ length: 20 }, (_, number) => dataplane(number)),
    systemAuthor,
  );
  await resources.commit(tenant, [
    put('Secret', 'password', { data: new SecretValue('hunter2') }),
    put('MeshTimeout', 'slow', { targetRef: { kind: 'Mesh' }, to: [] }),
  ]);
  await resources.fold(tenant, mesh);
  for (let number = 20; number < 25; number += 1) {
    await resources.commit(tenant, [dataplane(number)]);
  }
  await resources.commit(tenant, [{ kind: 'delete', key: { type: 'Dataplane', mesh, name: 'dp-1' } }]);
  await resources.fold(tenant, mesh);
  await resources.commit(tenant, [dataplane(2), dataplane(25)]);
  for (const name of ['short-lived', shortMesh]) {
    await resources.commit(tenant, [
      { kind: 'put', draft: { type: 'Mesh', mesh: '', name, labels: {}, spec: {} } },
    ]);
  }
  await resources.deleteMesh(tenant, 'short-lived');

  await stores.leases.renew('relay-1', 15_000);
  await stores.leases.release('relay-2');
  await stores.holdings.enter('relay-1', { tenant, mesh });
  const at = new Date(clock()).toISOString();
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        insights.update(tenant, mesh, `dp-${number + round}`, () => insight(number + round, at)),
      ),
    );
  }
  await insights.delete(tenant, mesh, 'dp-7');
  await insights.idle();
  for (let number = 0; number < 12; number += 1) {
    await stores.shortInsights.update(tenant, shortMesh, `dp-${number % 5}`, () => insight(number, at));
  }
  await stores.shortInsights.idle();
  await stores.propagation.write(tenant, mesh, 'relay-1', {
    told: 12,
    proxies: 30,
    behind: [{ has: 3, proxies: 1, failed: 1 }],
    named: [
      { name: 'dp-5', has: 3, given: 4, since: clock(), reason: 'refused', typeUrl: 'x', message: 'no' },
    ],
    joined: clock(),
  });

  stores.usage.count(tenant, 'requests');
  stores.usage.count(tenant, 'tokens');
  await stores.usage.flush();
  const outcome = await stores.idempotency.begin(usedKey, usedFor);
  if (outcome.kind === 'new') {
    await outcome.claim.complete({ status: 201, headers: [['etag', '"1"']], body: '{"made":true}' });
  }
}
