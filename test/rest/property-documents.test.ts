import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResourceType } from '../../src/model/resource-type.ts';
import { resourceTypes } from '../../src/policies/registry.ts';
import { type AnswerCheck, createAnswerCheck } from '../support/answer-check.ts';
import { type ApiAnswer, type ApiFixture, createApiFixture } from '../support/api-fixture.ts';
import { collectionOf, type DocumentSource, documentSource, documentsOf } from '../support/fuzz/documents.ts';
import { brokenText } from '../support/fuzz/mutation.ts';
import { tried } from '../support/fuzz/settings.ts';

let api: ApiFixture;
let source: DocumentSource;
let check: AnswerCheck;

beforeAll(async () => {
  api = await createApiFixture(['default']);
  source = await documentSource(api);
  check = createAnswerCheck(source.document);
});

afterAll(() => api.close());

async function ask(method: string, path: string, raw?: string): Promise<ApiAnswer> {
  const answer = await api.request(method, path, raw === undefined ? {} : { raw });
  const sent = `${method} ${path} ${raw?.slice(0, 2_000)} → ${answer.status} ${answer.text.slice(0, 1_000)}`;
  expect(answer.status, sent).toBeLessThan(500);
  expect(check(method, path, answer), sent).toEqual([]);
  if (answer.status >= 400) {
    requireErrorBody(answer);
  }
  return answer;
}

/** Every refusal has the standard body, and says something. */
function requireErrorBody({ status, body, text }: ApiAnswer): void {
  expect(body, text).toMatchObject({ type: '/std-errors', status });
  const { title, detail, invalid_parameters: parameters = [] } = Object(body);
  for (const words of [title, detail, ...parameters.map(({ reason }: { reason: unknown }) => reason)]) {
    expect(words, text).toMatch(/\S/);
  }
}

/** The revisions of the mesh and of what is beside the meshes: they move with every write. */
async function revisions(): Promise<readonly number[]> {
  const heads = await Promise.all(['', 'default'].map((mesh) => api.resources.head(api.tenant, mesh)));
  return heads.map(({ revision }) => revision);
}

const writable = resourceTypes.filter(({ readOnly }) => !readOnly);

/** What an apply of the document would do; undefined where it would be refused. */
async function plannedFor(raw: string): Promise<string | undefined> {
  const before = await revisions();
  const planned = await ask('POST', '/_apply?dryRun=true', raw);
  expect(await revisions()).toEqual(before);
  return planned.status === 200 ? String(Object(planned.body).changes[0]?.action) : undefined;
}

/** Whether an apply reads the document as a `PUT` to the path does: it goes by what the document itself says. */
function isSame(type: ResourceType, document: unknown, name: string): boolean {
  const told = Object(document);
  return (
    typeof document === 'object' &&
    !Array.isArray(document) &&
    told.type === type.name &&
    told.name === name &&
    !Array.isArray(told.items) &&
    (type.scope !== 'Mesh' || told.mesh === 'default')
  );
}

/** What was written can be read, and written as it was read without a change. */
async function requireRoundTrip(path: string): Promise<void> {
  const read = await ask('GET', path);
  expect(read.status).toBe(200);
  const before = await revisions();
  const again = await ask('PUT', path, read.text);
  expect([again.status, again.headers.get('etag'), await revisions()], read.text).toEqual([
    200,
    read.headers.get('etag'),
    before,
  ]);
  expect((await ask('GET', path)).text).toBe(read.text);
  expect(await plannedFor(read.text)).toBe('unchanged');
}

async function requireSound(type: ResourceType, document: unknown): Promise<void> {
  const told: unknown = Object(document).name;
  const name = typeof told === 'string' && /^[a-z0-9.-]+$/.test(told) ? told : 'a';
  const path = `${collectionOf(type)}/${name}`;
  const raw = JSON.stringify(document);
  const planned = await plannedFor(raw);
  const before = await revisions();
  const written = await ask('PUT', path, raw);
  if (written.status < 300) {
    await requireRoundTrip(path);
  } else {
    expect(await revisions()).toEqual(before);
  }
  if (isSame(type, document, name)) {
    const verdicts: Readonly<Record<number, readonly unknown[]>> = {
      200: ['update', 'unchanged'],
      201: ['create'],
    };
    expect(verdicts[written.status] ?? [undefined], `${raw} ${written.text}`).toContain(planned);
  }
}

describe('a document of any content', () => {
  it.each(writable.map((type) => [type.name, type] as const))(
    'of type %s',
    async (_, type) => {
      await fc.assert(
        fc.asyncProperty(documentsOf(type, source), (document) => requireSound(type, document)),
        tried(30),
      );
      await api.request('DELETE', `${collectionOf(type)}/a`);
    },
    600_000,
  );

  it.each(resourceTypes.filter(({ readOnly }) => readOnly).map((type) => [type.name, type] as const))(
    'of type %s, which nobody writes, is refused',
    async (_, type) => {
      await fc.assert(
        fc.asyncProperty(documentsOf(type, source), async (document) => {
          const answer = await ask('PUT', `${collectionOf(type)}/a`, JSON.stringify(document));
          expect(answer.status).toBe(405);
        }),
        tried(5),
      );
    },
  );

  it('whose text is broken', async () => {
    const texts = fc.oneof(
      ...writable.map((type) => documentsOf(type, source).map((value) => ({ type, value }))),
    );
    const broken = texts.chain(({ type, value }) =>
      brokenText(fc.constant(JSON.stringify(value))).map((raw) => ({ type, raw })),
    );
    await fc.assert(
      fc.asyncProperty(broken, async ({ type, raw }) => {
        const before = await revisions();
        const written = await ask('PUT', `${collectionOf(type)}/a`, raw);
        if (written.status >= 300) {
          expect(await revisions()).toEqual(before);
        }
        await ask('POST', '/_apply?dryRun=true', raw);
      }),
      tried(300),
    );
  }, 600_000);
});

it('leaves nothing in the log of errors, and no prototype changed', () => {
  expect(api.log.filter(({ level }) => level === 'error')).toEqual([]);
  expect(Object('').polluted).toBeUndefined();
});
