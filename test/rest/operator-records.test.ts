import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, baseDomain, createApiFixture, operatorToken } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['globex']);
});
afterAll(() => api.close());

const ask = (method: string, path: string, body?: unknown, headers = {}) =>
  api.request(method, path, {
    host: baseDomain,
    headers: { authorization: `Bearer ${operatorToken}`, ...headers },
    body,
    peer: '192.0.2.9',
  });

describe('what an operator does', () => {
  it('is in the audit trail of the tenant, and its settings count', async () => {
    await ask('PUT', '/tenants/globex', { displayName: 'Globex', settings: { access: 'kuma' } });
    const renamed = { displayName: 'Globex Ltd', settings: { access: 'kuma', auditRetentionDays: 30 } };
    await ask('PUT', '/tenants/globex', renamed);
    await ask('PUT', '/tenants/globex', renamed);
    await ask('POST', '/tenants/globex/suspend');
    await ask('POST', '/tenants/globex/suspend');
    await ask('POST', '/tenants/globex/resume');
    const { body: issued } = await ask('POST', '/tenants/globex/admin-token', { validFor: '1h' });
    const query = `user=${encodeURIComponent('mesh-system:operator')}`;
    const answer = await api.request('GET', `/_audit?${query}`);
    const records: readonly Record<string, unknown>[] = Object(answer.body).items;
    const [token, resumed, suspended, changed] = records;
    expect(records.map(({ action, type }) => `${action} ${type}`)).toStrictEqual([
      'ISSUE UserToken',
      'UPDATE Tenant',
      'UPDATE Tenant',
      'UPDATE Tenant',
      'UPDATE Tenant',
    ]);
    expect(changed).toMatchObject({
      name: 'globex',
      author: { user: 'mesh-system:operator', address: '192.0.2.9', source: 'api' },
      before: { displayName: 'Globex', settings: { auditRetentionDays: 90 } },
      after: { displayName: 'Globex Ltd', settings: { auditRetentionDays: 30 } },
    });
    expect([suspended, resumed]).toMatchObject([
      { before: { state: 'active' }, after: { state: 'suspended' } },
      { before: { state: 'suspended' }, after: { state: 'active' } },
    ]);
    expect(token).toMatchObject({
      name: 'mesh-system:admin',
      details: { claims: { Name: 'mesh-system:admin' } },
    });
    expect(answer.text).not.toContain(String(Object(issued).token));
    api.advance(31 * 86_400_000);
    expect(Object((await api.request('GET', '/_audit')).body).items).toStrictEqual([]);
  });

  it('is in that of a tenant that is made, which has its beginning there', async () => {
    const { body } = await ask('POST', '/tenants', { id: 'initech' });
    const answer = await api.request('GET', '/_audit?size=1000', {
      host: `initech.${baseDomain}`,
      headers: { authorization: `Bearer ${Object(body).adminToken}` },
    });
    const records: readonly Record<string, unknown>[] = Object(answer.body).items;
    expect(records[0]).toMatchObject({ action: 'CREATE', type: 'Tenant', name: 'initech' });
    expect(records.map(({ type, name }) => `${type} ${name}`)).toContain('Mesh default');
    expect(answer.text).not.toContain(String(Object(body).adminToken));
  });

  it('is done once for one Idempotency-Key, and answered with the same token', async () => {
    const order = { id: 'umbrella' };
    const key = { 'idempotency-key': 'make-umbrella' };
    const first = await ask('POST', '/tenants', order, key);
    expect(first).toMatchObject({ status: 201, body: { adminToken: expect.any(String) } });
    const again = await ask('POST', '/tenants', order, key);
    expect([again.status, again.text]).toStrictEqual([201, first.text]);
    expect((await ask('POST', '/tenants', { id: 'other' }, key)).status).toBe(422);
    const refused = await api.request('POST', '/tenants', {
      host: baseDomain,
      headers: { authorization: 'Bearer nobody', ...key },
      body: order,
    });
    expect(refused.status).toBe(401);
  });
});
