import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventSchema } from '../../src/events/event.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});
afterAll(() => api.close());

const timeout = (name: string, value = '1s') => ({
  type: 'MeshTimeout',
  mesh: 'default',
  name,
  spec: {
    targetRef: { kind: 'Mesh' },
    to: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: value } }],
  },
});
const put = (name: string, value?: string, headers = {}) =>
  api.request('PUT', `/meshes/default/meshtimeouts/${name}`, { body: timeout(name, value), headers });

/** Records, as far as tests look at them. */
type Records = readonly Readonly<Record<string, unknown>>[];
const recordsOf = (body: unknown): Records => Object(body).items;
const audit = async (query = '', request = {}) => api.request('GET', `/_audit${query}`, request);

describe('_audit', () => {
  it('tells who changed what, from where, before and after', async () => {
    await put('told', '1s', { 'x-request-id': 'request-1' });
    const first = (await api.request('GET', '/meshes/default/meshtimeouts/told')).body;
    api.advance(1000);
    const user = await api.request('POST', '/tokens/user', {
      body: { name: 'bob', groups: ['mesh-system:admin'], validFor: '1h' },
    });
    await api.request('PUT', '/meshes/default/meshtimeouts/told', {
      body: timeout('told', '2s'),
      peer: '::ffff:192.0.2.7',
      headers: { authorization: `Bearer ${user.text}`, 'x-request-id': 'request-2' },
    });
    const second = (await api.request('GET', '/meshes/default/meshtimeouts/told')).body;
    api.advance(1000);
    await api.request('DELETE', '/meshes/default/meshtimeouts/told', {
      headers: { 'x-request-id': 'request-3' },
    });
    const [gone, changed, made] = recordsOf((await audit('?name=told')).body);
    const author = { user: 'mesh-system:admin', address: '127.0.0.1', source: 'api' };
    const resource = { type: 'MeshTimeout', mesh: 'default', name: 'told' };
    expect(made).toMatchObject({
      ...resource,
      action: 'CREATE',
      time: '2026-01-01T00:00:00.000Z',
      version: 1,
      author: { ...author, requestId: 'request-1' },
      after: first,
    });
    expect(made).not.toHaveProperty('before');
    expect(changed).toMatchObject({
      ...resource,
      action: 'UPDATE',
      time: '2026-01-01T00:00:01.000Z',
      version: 2,
      revision: Number(made?.revision) + 1,
      author: {
        user: 'bob',
        groups: ['mesh-system:admin', 'mesh-system:authenticated'],
        address: '192.0.2.7',
        requestId: 'request-2',
        source: 'api',
      },
      before: first,
      after: second,
    });
    expect(gone).toMatchObject({ ...resource, action: 'DELETE', before: second });
    expect(gone).not.toHaveProperty('after');
  });

  it('has what a request brought about beside what it asked for', async () => {
    await api.request('PUT', '/meshes/along', {
      body: { type: 'Mesh', name: 'along' },
      headers: { 'x-request-id': 'request-4' },
    });
    const records = recordsOf((await audit('?size=20')).body).filter(
      ({ author }) => Object(author).requestId === 'request-4',
    );
    expect(records.map(({ type }) => type)).toContain('MeshCircuitBreaker');
    expect(records.at(-1)).toMatchObject({ type: 'Mesh', name: 'along', meshRevision: 1 });
    expect(records.at(-1)).not.toHaveProperty('mesh');
  });

  it('has nothing of what is in a secret', async () => {
    const secret = (data: string) => ({ type: 'Secret', mesh: 'default', name: 's', data });
    await api.request('PUT', '/meshes/default/secrets/s', { body: secret('aGlkZGVuLTE=') });
    await api.request('PUT', '/meshes/default/secrets/s', { body: secret('aGlkZGVuLTI=') });
    const answer = await audit('?type=Secret&name=s');
    expect(recordsOf(answer.body).map(({ action }) => action)).toStrictEqual(['UPDATE', 'CREATE']);
    expect(answer.text).not.toContain('aGlkZGVu');
    expect(recordsOf(answer.body)[0]?.after).toMatchObject({ name: 's', data: '[redacted]' });
  });

  const tokens: readonly (readonly [string, object, object, object])[] = [
    [
      'dataplane',
      { mesh: 'default', name: 'dp', tags: { 'kuma.io/service': ['a'] }, validFor: '1h' },
      { type: 'DataplaneToken', mesh: 'default', name: 'dp' },
      { Name: 'dp', Mesh: 'default', Tags: { 'kuma.io/service': ['a'] }, Type: '', Workload: '' },
    ],
    [
      'zone',
      { zone: 'east', scope: ['egress'], validFor: '1h' },
      { type: 'ZoneToken', name: 'east' },
      { Zone: 'east', Scope: ['egress'] },
    ],
    [
      'user',
      { name: 'carol', groups: ['readers'], validFor: '1h' },
      { type: 'UserToken', name: 'carol' },
      { Name: 'carol', Groups: ['readers'] },
    ],
  ];
  it.each(tokens)(
    'tells of a %s token what it says, and never the token',
    async (kind, body, about, claims) => {
      const token = await api.request('POST', `/tokens/${kind}`, { body, headers: { accept: '*/*' } });
      const answer = await audit('?action=ISSUE&size=1');
      const [, payload = ''] = token.text.split('.');
      const { jti } = JSON.parse(Buffer.from(payload, 'base64url').toString());
      expect(recordsOf(answer.body)).toMatchObject([
        {
          ...about,
          action: 'ISSUE',
          details: {
            id: jti,
            keyId: '1',
            claims,
            expirationTime: new Date(api.now() + 3_600_000).toISOString(),
          },
        },
      ]);
      expect(answer.text).not.toContain(payload);
    },
  );

  it('has nothing of what was refused', async () => {
    const before = (await audit('?size=1')).text;
    await api.request('PUT', '/meshes/default/meshtimeouts/bad', { body: { ...timeout('bad'), spec: 7 } });
    await api.request('DELETE', '/meshes/default/meshtimeouts/none');
    await api.request('POST', '/tokens/dataplane', { body: { mesh: 'none', name: 'x' } });
    expect((await audit('?size=1')).text).toBe(before);
  });

  it('is read in pages', async () => {
    for (const name of ['p-1', 'p-2', 'p-3', 'p-4', 'p-5']) {
      await put(name);
    }
    const names: unknown[] = [];
    let path: string | null = '/_audit?type=MeshTimeout&size=2&action=CREATE';
    let pages = 0;
    while (path !== null) {
      const answer = await api.request('GET', path);
      const items = recordsOf(answer.body);
      expect(items.length).toBeLessThanOrEqual(2);
      names.push(...items.map(({ name }) => name));
      const { next } = Object(answer.body);
      path = next === null ? null : String(next).replace(/^https?:\/\/[^/]+/, '');
      pages += 1;
    }
    expect(names.slice(0, 5)).toStrictEqual(['p-5', 'p-4', 'p-3', 'p-2', 'p-1']);
    expect(pages).toBe(Math.ceil(names.length / 2));
  });

  it('is read by time', async () => {
    api.advance(3_600_000);
    const start = new Date(api.now()).toISOString();
    await put('late');
    expect(recordsOf((await audit(`?from=${start}`)).body).map(({ name }) => name)).toStrictEqual(['late']);
    api.advance(1000);
    const later = new Date(api.now()).toISOString();
    expect(recordsOf((await audit(`?from=${later}`)).body)).toStrictEqual([]);
    expect(recordsOf((await audit('?to=2025-12-31')).body)).toStrictEqual([]);
    const all = recordsOf((await audit('?to=2026-01-02&size=1000')).body);
    expect(all[0]?.name).toBe('late');
  });

  it.each([
    ['?from=yesterday', ['from']],
    ['?from=2026-13-01', ['from']],
    ['?to=1', ['to']],
    ['?size=0&action=WRITE', ['size', 'action']],
    ['?size=1001', ['size']],
    [`?user=${'x'.repeat(1001)}`, ['user']],
  ])('%s gets 400', async (query, fields) => {
    const { status, body } = await audit(query);
    expect(status).toBe(400);
    const named: unknown[] = Object(body).invalid_parameters.map((each: unknown) => Object(each).field);
    expect(named.sort()).toStrictEqual([...fields].sort());
  });

  it('refuses a position that is none', async () => {
    expect((await audit('?offset=garbage')).status).toBe(400);
  });

  it('is for administrators, and of one tenant', async () => {
    expect((await audit('', { peer: '192.0.2.1' })).status).toBe(403);
    const user = await api.request('POST', '/tokens/user', {
      body: { name: 'dave', groups: ['readers'], validFor: '1h' },
    });
    const headers = { authorization: `Bearer ${user.text}` };
    expect((await audit('', { peer: '192.0.2.1', headers })).status).toBe(403);
    const other = recordsOf((await audit('?size=1000', { tenant: 'other' })).body);
    expect(other.length).toBeGreaterThan(0);
    expect(other.filter(({ name }) => name === 'told')).toStrictEqual([]);
  });
});

describe('_events', () => {
  /** Reads a stream until it has given so many events. */
  async function read(response: Response, count: number): Promise<readonly Record<string, string>[]> {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = '';
    const events = () =>
      text
        .split('\n\n')
        .slice(0, -1)
        .filter((block) => !block.startsWith(':'))
        .map((block) =>
          Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))),
        );
    while (events().length < count) {
      const part = await reader?.read();
      if (part === undefined || part.done) {
        break;
      }
      text += decoder.decode(part.value, { stream: true });
    }
    await reader?.cancel();
    return events();
  }

  it('streams what happens, as CloudEvents', async () => {
    const leave = new AbortController();
    const response = await api.send('GET', '/_events', {
      headers: { accept: 'text/event-stream' },
      signal: leave.signal,
    });
    expect([response.status, response.headers.get('content-type')]).toStrictEqual([200, 'text/event-stream']);
    await put('streamed');
    await api.request('PUT', '/meshes/default/meshtimeouts/foreign', {
      body: timeout('foreign'),
      tenant: 'other',
    });
    await api.request('POST', '/tokens/user', { body: { name: 'erin', validFor: '1h' } });
    const [created, issued] = await read(response, 2);
    const event = eventSchema.parse(JSON.parse(created?.data ?? ''));
    expect(created).toMatchObject({ id: event.id, event: 'ResourceCreated' });
    expect(event).toMatchObject({ tenant: 'acme', mesh: 'default', subject: 'MeshTimeout/default/streamed' });
    const [record] = recordsOf((await audit('?name=streamed')).body);
    expect([event.id, event.revision]).toStrictEqual([record?.id, record?.revision]);
    expect(eventSchema.parse(JSON.parse(issued?.data ?? ''))).toMatchObject({
      type: 'TokenIssued',
      data: { resource: { type: 'UserToken', name: 'erin' } },
    });
    leave.abort();
  });

  it('has for each reader what they may read', async () => {
    const response = await api.send('GET', '/_events', { peer: '192.0.2.1' });
    const secret = { type: 'Secret', mesh: 'default', name: 'unseen', data: 'YQ==' };
    await api.request('PUT', '/meshes/default/secrets/unseen', { body: secret });
    await api.request('POST', '/tokens/user', { body: { name: 'frank', validFor: '1h' } });
    await put('seen');
    const [first] = await read(response, 1);
    expect(eventSchema.parse(JSON.parse(first?.data ?? '')).subject).toBe('MeshTimeout/default/seen');
  });

  it('ends when the token of its reader is revoked', async () => {
    const { text: token } = await api.request('POST', '/tokens/user', {
      body: { name: 'grace', validFor: '1h' },
    });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const headers = { authorization: `Bearer ${token}` };
    const response = await api.send('GET', '/_events', { peer: '192.0.2.1', headers });
    vi.advanceTimersByTime(5_000);
    await put('while-good');
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const data = Buffer.from(jti).toString('base64');
    await api.request('PUT', '/globalsecrets/user-token-revocations', {
      body: { type: 'GlobalSecret', name: 'user-token-revocations', data },
    });
    const events = read(response, 2);
    vi.advanceTimersByTime(5_000);
    expect((await events).map(({ event }) => event)).toStrictEqual(['ResourceCreated']);
  });

  it('ends when its reader goes away', async () => {
    const leave = new AbortController();
    const response = await api.send('GET', '/_events', { signal: leave.signal });
    leave.abort();
    expect(await read(response, 1)).toStrictEqual([]);
  });

  it('of the wrong type is refused elsewhere', async () => {
    const answer = await api.request('GET', '/meshes', { headers: { accept: 'text/event-stream' } });
    expect(answer.status).toBe(406);
  });
});
