import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceTypes } from '../../src/policies/registry.ts';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

let api: ApiFixture;
let document: Record<string, Record<string, Record<string, unknown>>>;
beforeAll(async () => {
  api = await createApiFixture(['acme']);
  const answer = await api.request('GET', '/openapi.json');
  expect([answer.status, api.log.filter(({ level }) => level === 'error')]).toEqual([200, []]);
  document = Object(answer.body);
});
afterAll(() => api?.close());

/** All references in a value. */
function references(value: unknown): readonly string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
}

describe('the OpenAPI document', () => {
  it('has every type of resources, with its members', () => {
    const schemas = document.components?.schemas ?? {};
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(resourceTypes.map(({ name }) => name)));
    expect(schemas.MeshTimeout).toMatchObject({
      required: ['type', 'name', 'spec'],
      properties: { type: { const: 'MeshTimeout' }, spec: { properties: { to: { type: 'array' } } } },
    });
    expect(schemas.Dataplane).toMatchObject({ properties: { networking: { type: 'object' } } });
  });

  it('says something of endpoints that are there, and of no others', async () => {
    const endpoints = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() })),
    );
    expect(endpoints.length).toBeGreaterThan(250);
    const missing: unknown[] = [];
    for (const { path, method } of endpoints.filter((each) => each.path !== '/_events')) {
      const real = path.replaceAll('{mesh}', 'default').replace(/\{\w+\}/g, 'x');
      const body = method === 'PUT' || method === 'POST' ? { body: {} } : {};
      const answer = await api.request(method, real, { peer: '192.0.2.7', ...body });
      const isRouted = answer.status !== 405 && !answer.text.startsWith('404: Page Not Found');
      if (!isRouted || answer.status >= 500) {
        missing.push({ method, path, status: answer.status });
      }
    }
    expect(missing).toEqual([]);
  });

  it('has an example of every type that can be written, which is taken', async () => {
    const refused: unknown[] = [];
    for (const type of resourceTypes.filter(({ readOnly }) => !readOnly)) {
      const base = type.scope === 'Mesh' ? `/meshes/{mesh}/${type.path}` : `/${type.path}`;
      const operation: unknown = document.paths?.[`${base}/{name}`]?.put;
      const { example } = Object(operation).requestBody.content['application/json'];
      const path = `${base.replace('{mesh}', 'default')}/example`;
      const written = await api.request('PUT', path, { body: example });
      const read = await api.request('GET', path);
      if (written.status !== 201 || written.text !== '{}' || read.status !== 200) {
        refused.push({ type: type.name, example, answer: written.text });
      }
    }
    expect(refused).toEqual([]);
  });

  it('refers to nothing that is not in it', () => {
    for (const reference of new Set(references(document))) {
      const found = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((value, member) => Object(value)[member], document);
      expect(found, reference).toBeDefined();
    }
  });

  it('can be read as a page that loads nothing from elsewhere', async () => {
    const page = await api.request('GET', '/docs', { headers: { accept: 'text/html' } });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).toContain('/meshes/{mesh}/dataplanes/{name}');
    expect(page.text).not.toMatch(/<script|<link|<img|src=|url\(|href="http/);
  });
});
