import { expect } from 'vitest';
import { parse as parseYaml } from 'yaml';
import * as z from 'zod';
import { createAuthority, loadAuthority } from '../../certificates/authority.ts';
import { issueServer } from '../../certificates/issue.ts';
import { silentLogger } from '../../model/ports.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import { defaultTenant } from '../../model/tenant.ts';
import { dataplaneType } from '../../model/types/dataplane.ts';
import { meshType } from '../../model/types/mesh.ts';
import { type BootstrapLookups, createBootstrap } from './bootstrap.ts';
import { type BootstrapSettings, defaultBootstrapSettings } from './settings.ts';

const answerSchema = z.object({
  bootstrap: z.string(),
  kumaSidecarConfiguration: z.object({
    networking: z.object({ corefileTemplate: z.string().nullable(), address: z.string() }),
    metrics: z.object({ aggregate: z.array(z.unknown()) }),
  }),
});

export const networking = {
  address: '10.0.0.1',
  inbound: [{ port: 80, tags: { 'kuma.io/service': 'web' } }],
};
export const dataplane = { type: 'Dataplane', mesh: 'default', name: 'web-1', networking };
export const request = {
  mesh: 'default',
  name: 'web-1',
  dataplaneToken: 'a.b.c',
  dataplaneResource: JSON.stringify(dataplane),
  workdir: '/tmp/dp',
};

async function makeServed() {
  const now = Date.now();
  const lifetime = 60_000;
  const pair = await createAuthority({ kind: 'ec', subject: { commonName: 'ca' }, lifetime, now });
  const hosts = ['cp.example', '127.0.0.1', '::1'];
  const leaf = issueServer({ ca: loadAuthority(pair.certificate, pair.key), hosts, lifetime, now });
  return { certificate: leaf.certificateChain, ca: pair.certificate };
}

/** What the relay shows to who connects. */
export const served = await makeServed();

function resource(key: ResourceKey, spec: unknown): Resource {
  const time = '2026-01-01T00:00:00Z';
  return { ...key, labels: {}, creationTime: time, modificationTime: time, version: 1, spec };
}

export interface Options {
  readonly settings?: Partial<BootstrapSettings>;
  readonly lookups?: Partial<BootstrapLookups>;
  readonly mesh?: unknown;
  readonly accept?: string;
  readonly host?: string;
}

/** Asks for a bootstrap of a control plane with one mesh and the stored Dataplane `pre`. */
export async function ask(
  body: unknown,
  { settings, lookups, mesh = {}, accept, host = 'cp.example' }: Options = {},
) {
  const stored = new Map(
    [
      resource({ type: 'Mesh', mesh: '', name: 'default' }, meshType.schema.parse(mesh)),
      resource(
        { type: 'Dataplane', mesh: 'default', name: 'pre' },
        dataplaneType.schema.parse({ networking }),
      ),
    ].map((each) => [keyText(each), each]),
  );
  const handler = createBootstrap({
    settings: { ...defaultBootstrapSettings, ...settings },
    lookups: {
      get: async (_tenant, key) => stored.get(keyText(key)),
      type: (name) => [dataplaneType, meshType].find((type) => type.name === name),
      certificate: () => served,
      port: () => 5678,
      answersUnchecked: () => true,
      authenticate: async () => {},
      checkToken: async () => {},
      ...lookups,
    },
    logger: silentLogger,
  });
  return handler({
    body: typeof body === 'string' ? body : JSON.stringify(body),
    accept: accept ?? 'application/json',
    host,
    tenantOf: async () => defaultTenant,
  });
}

/** The same, and what it holds. */
export async function bootstrap(body: unknown, options: Options = {}) {
  const answer = await ask(body, options);
  expect(answer.status).toBe(200);
  const { bootstrap: encoded, kumaSidecarConfiguration } = answerSchema.parse(JSON.parse(answer.body));
  return { envoy: parseYaml(Buffer.from(encoded, 'base64').toString()), sidecar: kumaSidecarConfiguration };
}
