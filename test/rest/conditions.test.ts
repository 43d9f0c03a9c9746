import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { dataplane } from './documents.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['acme', 'other']);
});

afterAll(() => api.close());

describe('conditions', () => {
  const path = '/meshes/default/dataplanes/conditions';
  let written = 0;
  /** Something else each time, as the same again changes nothing. */
  const put = (headers: Record<string, string>) => {
    written += 1;
    const body = { ...dataplane('conditions'), labels: { written: String(written) } };
    return api.request('PUT', path, { body, headers });
  };

  it('let a writer replace only what it has read', async () => {
    expect(await put({ 'if-match': '*' })).toMatchObject({
      status: 412,
      body: { title: 'Precondition Failed' },
    });
    const created = await put({ 'if-none-match': '*' });
    expect(created.status).toBe(201);
    expect(await put({ 'if-none-match': '*' })).toMatchObject({ status: 412 });

    const read = await api.request('GET', path);
    const tag = read.headers.get('etag') ?? '';
    expect(created.headers.get('etag')).toBe(tag);
    const updated = await put({ 'if-match': tag });
    expect(updated.status).toBe(200);
    expect(updated.headers.get('etag')).not.toBe(tag);
    expect(await put({ 'if-match': tag })).toMatchObject({ status: 412 });
    expect(await put({ 'if-match': `W/${updated.headers.get('etag')}` })).toMatchObject({ status: 412 });

    expect(await api.request('DELETE', path, { headers: { 'if-match': tag } })).toMatchObject({
      status: 412,
    });
    const current = updated.headers.get('etag') ?? '';
    expect(await api.request('DELETE', path, { headers: { 'if-match': `"0", ${current}` } })).toMatchObject({
      status: 200,
    });
  });

  it('let a reader keep what it has', async () => {
    await put({});
    const tag = (await api.request('GET', path)).headers.get('etag') ?? '';
    const again = await api.request('GET', path, { headers: { 'if-none-match': `"x", W/${tag}` } });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect((await api.request('GET', path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  it('are not needed: of writers at the same time none fails, and each is counted', async () => {
    const version = async () =>
      Number(/^"(\d+)-/.exec((await api.request('GET', path)).headers.get('etag') ?? '')?.[1]);
    const before = await version();
    const answers = await Promise.all(Array.from({ length: 6 }, () => put({})));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await version()).toBe(before + 6);
  });

  it('tell one that was made anew from the one before', async () => {
    await put({});
    await api.request('DELETE', path);
    const first = (await put({})).headers.get('etag') ?? '';
    await api.request('DELETE', path);
    api.advance(1);
    expect((await put({})).headers.get('etag')).not.toBe(first);
    expect(await put({ 'if-match': first })).toMatchObject({ status: 412 });
  });

  it('let one of many win', async () => {
    const tag = (await api.request('GET', path)).headers.get('etag') ?? '';
    const answers = await Promise.all(Array.from({ length: 5 }, () => put({ 'if-match': tag })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
  });
});
