import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { gatewayEvent } from '../../dev/tools/gateway-event.ts';
import { makeTableAndKey } from '../../dev/tools/table-and-key.ts';
import { createAdmissionHandler } from '../../functions/admission-handler.ts';
import { type ApiHandler, createApiHandler } from '../../functions/api-handler.ts';
import { admissionReview, readAnswer } from '../support/admission-review.ts';
import { type CloudRoles, startCloudRoles } from '../support/iam/cloud-roles.ts';

let ministack: Ministack;
let roles: CloudRoles;
let api: ApiHandler;
let webhook: ApiHandler;
let environment: NodeJS.ProcessEnv;
const admins = new Map<string, string>();
const operatorToken = 'operator-of-the-test-deployment';
const printed: string[] = [];

async function ask(handler: ApiHandler, request: Parameters<typeof gatewayEvent>[0]) {
  const headers = { 'content-type': 'application/json', ...request.headers };
  const answer = (await handler(gatewayEvent({ ...request, headers }))) as {
    readonly statusCode: number;
    readonly body: string;
  };
  return { status: answer.statusCode, body: answer.body };
}

function inject(path: string, { host = 'acme.api.example.com', token = '' } = {}) {
  const headers: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  return ask(webhook, { host, method: 'POST', path, headers, body: JSON.stringify(admissionReview()) });
}

function asAdmin(method: string, path: string, body: object) {
  const headers = { authorization: `Bearer ${admins.get('acme')}` };
  return ask(api, { host: 'acme.api.example.com', method, path, headers, body: JSON.stringify(body) });
}

/** A token of a user of acme whose role has this one rule. */
async function userWith(name: string, rule: object): Promise<string> {
  await asAdmin('PUT', `/access-roles/${name}`, { type: 'AccessRole', name, rules: [rule] });
  const subjects = [{ type: 'User', name }];
  const binding = { type: 'AccessRoleBinding', name, subjects, roles: [name] };
  await asAdmin('PUT', `/access-role-bindings/${name}`, binding);
  return (await asAdmin('POST', '/tokens/user', { name, groups: [], validFor: '1h' })).body;
}

beforeAll(async () => {
  ministack = await startMinistack();
  const { endpoint } = ministack;
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const { table, kmsKey } = await makeTableAndKey(endpoint);
  roles = await startCloudRoles({
    target: endpoint,
    table,
    kmsKey,
    processes: { part: ['admission'], maker: ['api'] },
  });
  environment = {
    KUMULUS_TABLE: table,
    KUMULUS_KMS_KEY: kmsKey,
    KUMULUS_BASE_DOMAIN: 'api.example.com',
    KUMULUS_TENANT_ROLE: roles.tenantRole,
    KUMULUS_OPERATOR_TOKEN: operatorToken,
    KUMULUS_INJECTOR_CONTROL_PLANE_URL: 'https://{tenant}.mesh.example.com:5678',
    AWS_ENDPOINT_URL: roles.endpoint,
  };
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'maker');
  api = createApiHandler({ ...environment, KUMULUS_LOG_LEVEL: 'error' });
  for (const id of ['acme', 'other']) {
    const made = await ask(api, {
      host: 'api.example.com',
      method: 'POST',
      path: '/tenants',
      headers: { authorization: `Bearer ${operatorToken}` },
      body: JSON.stringify({ id }),
    });
    admins.set(id, JSON.parse(made.body).adminToken);
  }
  // From here on clients are made under the webhook's role; those that there are keep theirs.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'part');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  webhook = createAdmissionHandler(environment);
}, 120_000);

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await roles?.close();
  await ministack?.stop();
});

describe('the admission webhook on Lambda', () => {
  it.each([
    ['host name', '/inject-sidecar', 'acme.api.example.com'],
    ['path', '/tenants/acme/api/inject-sidecar', 'api.example.com'],
  ])('puts a sidecar into a pod of the tenant of its %s', async (_, path, host) => {
    for (const sent of [
      { path, token: admins.get('acme') ?? '' },
      { path: `${path}/tokens/${admins.get('acme')}`, token: '' },
    ]) {
      const { status, body } = await inject(sent.path, { host, token: sent.token });
      expect(status).toBe(200);
      expect(readAnswer(body).pod.spec.containers[0].env).toContainEqual({
        name: 'KUMA_CONTROL_PLANE_URL',
        value: 'https://acme.mesh.example.com:5678',
      });
    }
  });

  it('is for who may read the mesh, and for nobody else', async () => {
    const reader = await userWith('k8s', { types: ['Mesh'], access: ['READ'] });
    expect((await inject(`/inject-sidecar/tokens/${reader}`)).status).toBe(200);
    const stranger = await userWith('team', { types: ['MeshTimeout'], access: ['READ'] });
    expect((await inject(`/inject-sidecar/tokens/${stranger}`)).status).toBe(403);
    expect((await inject('/inject-sidecar')).status).toBe(401);
  });

  it('takes no token of another tenant, and tells nobody which tenants there are', async () => {
    const token = admins.get('other') ?? '';
    const acme = await inject('/inject-sidecar', { token });
    const nobody = await inject('/inject-sidecar', { token, host: 'nobody.api.example.com' });
    expect([acme.status, nobody.status]).toEqual([401, 401]);
    expect(JSON.parse(acme.body).detail).toBe(JSON.parse(nobody.body).detail);
  });

  it('answers 503 where nobody has said where proxies find the relays', async () => {
    const { KUMULUS_INJECTOR_CONTROL_PLANE_URL: _, ...unsaid } = environment;
    const answer = await ask(createAdmissionHandler(unsaid), {
      host: 'acme.api.example.com',
      method: 'POST',
      path: '/inject-sidecar',
      headers: { authorization: `Bearer ${admins.get('acme')}` },
      body: JSON.stringify(admissionReview()),
    });
    expect(answer.status).toBe(503);
  });

  it('does not start with settings that it cannot take', () => {
    const wrong = { ...environment, KUMULUS_INJECTOR_CONTROL_PLANE_URL: 'mesh.example.com' };
    expect(() => createAdmissionHandler(wrong)).toThrow(
      'KUMULUS_INJECTOR_CONTROL_PLANE_URL takes an address',
    );
  });

  it('has asked for nothing that its role refuses, and written no token down', () => {
    expect(roles.refused).toEqual([]);
    expect(roles.taken.length).toBeGreaterThan(0);
    const log = printed.join('');
    expect(log).toContain('"path":"/inject-sidecar"');
    for (const token of admins.values()) expect(log).not.toContain(token.slice(-40));
  });
});
