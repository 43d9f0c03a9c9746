import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isKumulusError } from '../model/errors.ts';
import { dataplaneClaimsSchema } from './claims.ts';
import {
  parseDataplaneTokenRequest,
  parseUserTokenRequest,
  parseZoneTokenRequest,
  type TokenRequest,
} from './requests.ts';

const parsers: Readonly<Record<string, (body: unknown) => TokenRequest<object>>> = {
  '/tokens/dataplane': parseDataplaneTokenRequest,
  '/tokens/zone': parseZoneTokenRequest,
  '/tokens/user': parseUserTokenRequest,
};

const hour = 3_600_000_000_000n;

describe('what is asked for', () => {
  it.each<[string, TokenRequest<object>, TokenRequest<object>]>([
    [
      'a dataplane token of nothing but a mesh',
      parseDataplaneTokenRequest({ mesh: 'm' }),
      { claims: { Name: '', Mesh: 'm', Tags: {}, Type: '', Workload: '' }, validFor: 87_600n * hour },
    ],
    [
      'tags, each value once and sorted; those without values are no limit',
      parseDataplaneTokenRequest({
        mesh: 'm',
        tags: { a: ['z', 'b', 'z'], c: [], d: null },
        validFor: '-1h',
      }),
      {
        claims: { Name: '', Mesh: 'm', Tags: { a: ['b', 'z'] }, Type: '', Workload: '' },
        validFor: -hour,
      },
    ],
    [
      'nulls, which Go takes for absent',
      parseDataplaneTokenRequest({
        mesh: 'm',
        name: null,
        tags: null,
        type: null,
        workload: null,
        validFor: null,
      }),
      { claims: { Name: '', Mesh: 'm', Tags: {}, Type: '', Workload: '' }, validFor: 87_600n * hour },
    ],
    [
      'names in any case, as Go reads them, the last one counting',
      parseUserTokenRequest({ NAME: 'a', name: 'u', Groups: [null, 'g'], VALIDFOR: '1h' }),
      { claims: { Name: 'u', Groups: ['', 'g'] }, validFor: hour },
    ],
    [
      'a user',
      parseUserTokenRequest({ name: 'u', validFor: '1h' }),
      { claims: { Name: 'u', Groups: null }, validFor: hour },
    ],
    [
      'a zone',
      parseZoneTokenRequest({ scope: [] }),
      { claims: { Zone: '', Scope: [] }, validFor: 87_600n * hour },
    ],
  ])('%s', (_, parsed, expected) => {
    expect(parsed).toEqual(expected);
  });
});

describe('bodies of another shape', () => {
  it.each([
    'x',
    5,
    [],
    { mesh: 5 },
    { mesh: 'm', tags: ['x'] },
    { mesh: 'm', tags: { a: 'b' } },
    { mesh: 'm', tags: { a: [1] } },
  ])('%j', (body) => {
    expect(() => parseDataplaneTokenRequest(body)).toThrowError(
      expect.objectContaining({ code: 'bad_request' }),
    );
  });

  it('null is a body without members', () => {
    expect(() => parseDataplaneTokenRequest(null)).toThrowError(
      expect.objectContaining({
        code: 'invalid',
        violations: [{ field: 'mesh', message: 'cannot be empty' }],
      }),
    );
  });
});

it('claims that no header has room for are refused', () => {
  expect(() => parseUserTokenRequest({ name: 'x'.repeat(20_000), validFor: '1h' })).toThrowError(
    expect.objectContaining({
      violations: [{ field: '', message: expect.stringMatching(/<= 16384 characters, got 2\d{4}/) }],
    }),
  );
});

interface Step {
  readonly note?: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly headers?: unknown;
  };
  readonly status: number;
  readonly body?: { readonly title?: string; readonly causes?: unknown };
  readonly token?: { readonly claims: Readonly<Record<string, unknown>>; readonly expMinusIat: number };
}

const recording = join(process.env.CONFORMANCE_DIR ?? '../shared/conformance', 'rest/10-tokens.json');

describe.skipIf(!existsSync(recording))('as recorded of the reference', () => {
  const all: readonly Step[] = existsSync(recording) ? JSON.parse(readFileSync(recording, 'utf8')) : [];
  const steps = all.filter(
    ({ request, status }) =>
      request.body !== undefined && request.headers === undefined && [200, 400].includes(status),
  );

  it('there are steps', () => expect(steps.length).toBeGreaterThan(20));

  it.each(steps.map((step) => [`${step.request.path} ${JSON.stringify(step.request.body)}`, step] as const))(
    '%s',
    (_, { request, status, body, token }) => {
      const parse = parsers[request.path] ?? expect.fail(`no parser for ${request.path}`);
      try {
        const { claims, validFor } = parse(request.body);
        expect(status).toBe(200);
        const { exp, nbf, iat, jti, ...own } = token?.claims ?? {};
        expect(claims).toEqual(own);
        expect(Number(validFor / 1_000_000_000n) + 5).toBe(token?.expMinusIat);
      } catch (error) {
        if (!isKumulusError(error, 'invalid')) throw error;
        expect(status).toBe(400);
        expect(error.title).toBe(body?.title);
        expect(error.violations).toEqual(body?.causes);
      }
    },
  );
});

it('a tag that is called as nothing should be is a limit like others', () => {
  const { claims } = parseDataplaneTokenRequest(JSON.parse('{"mesh":"m","tags":{"__proto__":["x"]}}'));
  expect(JSON.stringify(claims.Tags)).toBe('{"__proto__":["x"]}');
  const read = dataplaneClaimsSchema.parse(JSON.parse(JSON.stringify(claims)));
  expect(Object.entries(read.Tags)).toEqual([['__proto__', ['x']]]);
});

it.each([{ a: 'x' }, { a: [1] }, { a: { b: ['c'] } }, ['x'], 'x', 7])('tags of %j are none', (tags) => {
  expect(() => parseDataplaneTokenRequest({ mesh: 'm', tags })).toThrowError(
    expect.objectContaining({ code: 'bad_request' }),
  );
});
