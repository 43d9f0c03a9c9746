import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

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
const put = (name: string, value?: string) =>
  api.request('PUT', `/meshes/default/meshtimeouts/${name}`, { body: timeout(name, value) });

/** A body of `_changes`, as far as tests look at it. */
interface Changes {
  readonly revision: number;
  readonly next: string | null;
  readonly items: readonly {
    readonly revision: number;
    readonly time: string;
    readonly changes: readonly {
      readonly action: string;
      readonly type: string;
      readonly mesh?: string;
      readonly name: string;
      readonly resource?: Readonly<Record<string, unknown>>;
    }[];
  }[];
}
const changesIn = ({ body }: ApiAnswer) => body as Changes;
const named = (answer: ApiAnswer) =>
  changesIn(answer).items.flatMap(({ changes }) => changes.map(({ action, name }) => `${action} ${name}`));

const changes = (query = '', path = '/meshes/default/_changes', request = {}) =>
  api.request('GET', `${path}${query}`, request);
const revisionNow = async (path?: string) => changesIn(await changes('', path)).revision;

describe('_changes', () => {
  it('tells where the history stands, and what came after', async () => {
    const since = await revisionNow();
    await put('a');
    await api.request('DELETE', '/meshes/default/meshtimeouts/a');
    const answer = await changes(`?since=${since}`);
    const read = timeout('a');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        revision: since + 2,
        next: null,
        items: [
          {
            revision: since + 1,
            time: '2026-01-01T00:00:00.000Z',
            changes: [{ action: 'put', type: 'MeshTimeout', mesh: 'default', name: 'a', resource: read }],
          },
          {
            revision: since + 2,
            changes: [{ action: 'delete', type: 'MeshTimeout', mesh: 'default', name: 'a' }],
          },
        ],
      },
    });
    expect(changesIn(await changes(`?since=${since + 2}`))).toStrictEqual({
      revision: since + 2,
      items: [],
      next: null,
    });
  });

  it('has resources as reading them answers', async () => {
    const since = await revisionNow();
    await put('as-read');
    const [commit] = changesIn(await changes(`?since=${since}`)).items;
    const read = await api.request('GET', '/meshes/default/meshtimeouts/as-read');
    expect(commit?.changes[0]?.resource).toStrictEqual(read.body);
  });

  it('is cut into pages that follow one another', async () => {
    const since = await revisionNow();
    for (const name of ['p-1', 'p-2', 'p-3']) {
      await put(name);
    }
    const first = await changes(`?since=${since}&size=2&wait=5`);
    expect(named(first)).toStrictEqual(['put p-1', 'put p-2']);
    const next = new URL(changesIn(first).next ?? '');
    expect(next.searchParams.get('since')).toBe(String(since + 2));
    const second = await api.request('GET', `${next.pathname}${next.search}`);
    expect(named(second)).toStrictEqual(['put p-3']);
    expect(changesIn(second)).toMatchObject({ next: null, revision: since + 3 });
  });

  it('of what is beside the meshes has the meshes', async () => {
    const since = await revisionNow('/_changes');
    await api.request('PUT', '/meshes/made', { body: { type: 'Mesh', name: 'made' } });
    const answer = await changes(`?since=${since}`, '/_changes');
    expect(named(answer)).toStrictEqual(['put made']);
    expect(changesIn(answer).items[0]?.changes[0]).not.toHaveProperty('mesh');
    expect(named(await changes('?since=0', '/meshes/made/_changes'))).toContain('put made');
  });

  it('never has what is in a secret, and its name only for who may read it', async () => {
    const since = await revisionNow();
    const secret = { type: 'Secret', mesh: 'default', name: 's', data: 'aGlkZGVu' };
    await api.request('PUT', '/meshes/default/secrets/s', { body: secret });
    await put('beside');
    const admin = await changes(`?since=${since}`);
    expect(named(admin)).toStrictEqual(['put s', 'put beside']);
    expect(admin.text).not.toContain('aGlkZGVu');
    expect(changesIn(admin).items[0]?.changes[0]?.resource).toMatchObject({ type: 'Secret', name: 's' });
    const reader = await changes(`?since=${since}`, undefined, { peer: '192.0.2.1' });
    expect(named(reader)).toStrictEqual(['put beside']);
    expect(changesIn(reader).revision).toBe(since + 2);
  });

  it.each([
    ['?since=-1', 'since'],
    ['?since=x', 'since'],
    ['?since=1.5', 'since'],
    ['?since=1e3', 'since'],
    ['?since=9999999999999', 'since'],
    ['?since=1&wait=21', 'wait'],
    ['?since=1&wait=-1', 'wait'],
    ['?since=1&wait=5s', 'wait'],
    ['?since=1&size=0', 'size'],
    ['?since=1&size=501', 'size'],
  ])('%s gets 400', async (query, field) => {
    expect(await changes(query)).toMatchObject({ status: 400, body: { invalid_parameters: [{ field }] } });
  });

  it('of the future gets 400 and the newest revision', async () => {
    const now = await revisionNow();
    expect(await changes(`?since=${now + 1}&wait=20`)).toMatchObject({
      status: 400,
      body: { invalid_parameters: [{ field: 'since', reason: expect.stringContaining(`<= ${now},`) }] },
    });
  });

  it('of a mesh that there is not, or of nobody, is refused', async () => {
    expect((await changes('?since=0', '/meshes/none/_changes')).status).toBe(404);
    expect((await changes('', '/meshes/none/_changes')).status).toBe(404);
    expect((await api.request('POST', '/meshes/default/_changes', { body: {} })).status).toBe(405);
  });

  it('of another tenant is not seen', async () => {
    const since = await revisionNow();
    await put('mine');
    const other = await api.request('GET', '/meshes/default/_changes?since=1', { tenant: 'other' });
    expect(named(other)).not.toContain('put mine');
    expect(await revisionNow()).toBe(since + 1);
  });

  it('that the log has no more gets 410 and where to begin again', async () => {
    await put('before');
    const since = await revisionNow();
    api.advance(7 * 3_600_000);
    await put('after');
    const answer = await changes(`?since=${since - 1}&wait=5`);
    expect(answer).toMatchObject({
      status: 410,
      body: { title: 'Could not retrieve changes', status: 410, revision: since + 1 },
    });
    expect(named(await changes(`?since=${since}`))).toStrictEqual(['put after']);
  });

  it('of a mesh that was made anew gets 410', async () => {
    const mesh = { type: 'Mesh', name: 'anew' };
    await api.request('PUT', '/meshes/anew', { body: mesh });
    await api.request('DELETE', '/meshes/anew');
    expect((await changes('?since=1', '/meshes/anew/_changes')).status).toBe(404);
    await api.request('PUT', '/meshes/anew', { body: mesh });
    expect(await changes('?since=1', '/meshes/anew/_changes')).toMatchObject({ status: 410 });
  });
});

describe('a long poll', () => {
  /** Resolves when the request most likely waits; whether it does or not, its answer is the same. */
  const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

  it('is answered as soon as something happens', async () => {
    const since = await revisionNow();
    const answer = changes(`?since=${since}&wait=20`);
    await settled();
    await put('wake');
    expect(named(await answer)).toStrictEqual(['put wake']);
  });

  it('that waits for nothing is answered when its time is over', async () => {
    const since = await revisionNow();
    const answer = await changes(`?since=${since}&wait=0.05`);
    expect(answer).toMatchObject({ status: 200, body: { revision: since, items: [], next: null } });
  });

  it('goes on waiting over what its caller may not see', async () => {
    const since = await revisionNow();
    const answer = changes(`?since=${since}&wait=20`, undefined, { peer: '192.0.2.1' });
    await settled();
    const secret = { type: 'Secret', mesh: 'default', name: 'quiet', data: 'aGlkZGVu' };
    await api.request('PUT', '/meshes/default/secrets/quiet', { body: secret });
    await settled();
    await put('loud');
    expect(named(await answer)).toStrictEqual(['put loud']);
  });

  it('does not wake for another mesh or tenant', async () => {
    const since = await revisionNow();
    const answer = changes(`?since=${since}&wait=0.2`);
    await settled();
    await api.request('PUT', '/meshes/elsewhere', { body: { type: 'Mesh', name: 'elsewhere' } });
    await api.request('PUT', '/meshes/default/meshtimeouts/x', { body: timeout('x'), tenant: 'other' });
    expect(await answer).toMatchObject({ body: { revision: since, items: [] } });
  });

  it('ends when its mesh is deleted', async () => {
    await api.request('PUT', '/meshes/gone', { body: { type: 'Mesh', name: 'gone' } });
    const since = await revisionNow('/meshes/gone/_changes');
    const answer = changes(`?since=${since}&wait=20`, '/meshes/gone/_changes');
    await settled();
    await api.request('DELETE', '/meshes/gone');
    expect((await answer).status).toBe(404);
  });

  it('tells nothing to a caller whose token was revoked meanwhile', async () => {
    const { text: token } = await api.request('POST', '/tokens/user', {
      body: { name: 'eve', groups: ['mesh-system:admin'], validFor: '1h' },
    });
    const request = { peer: '192.0.2.1', headers: { authorization: `Bearer ${token}` } };
    const since = await revisionNow();
    const answer = changes(`?since=${since}&wait=20`, undefined, request);
    await settled();
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const data = Buffer.from(jti).toString('base64');
    await api.request('PUT', '/globalsecrets/user-token-revocations', {
      body: { type: 'GlobalSecret', name: 'user-token-revocations', data },
    });
    await put('unseen');
    expect((await answer).status).toBe(401);
  });

  it('ends when its caller goes away', async () => {
    const since = await revisionNow();
    const leave = new AbortController();
    const answer = changes(`?since=${since}&wait=20`, undefined, { signal: leave.signal });
    await settled();
    leave.abort();
    expect(await answer).toMatchObject({ status: 200, body: { items: [] } });
  });

  it('is refused where too many of the tenant wait, and nobody else is', async () => {
    const since = await revisionNow();
    const leave = new AbortController();
    const waiting = Array.from({ length: 200 }, () =>
      changes(`?since=${since}&wait=20`, undefined, { signal: leave.signal }),
    );
    // Once all of them wait.
    await vi.waitFor(async () => {
      const refused = await changes(`?since=${since}&wait=0.01`);
      expect([refused.status, refused.headers.get('retry-after')]).toStrictEqual([429, '5']);
    });
    const { revision } = changesIn(await api.request('GET', '/meshes/default/_changes', { tenant: 'other' }));
    const other = await api.request('GET', `/meshes/default/_changes?since=${revision}&wait=0.02`, {
      tenant: 'other',
    });
    expect(other.status).toBe(200);
    leave.abort();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toStrictEqual(Array(200).fill(200));
    expect((await changes(`?since=${since}&wait=0.02`)).status).toBe(200);
  });
});
