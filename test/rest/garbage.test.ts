import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiFixture, createApiFixture } from '../support/api-fixture.ts';

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const junk: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.5,
  '',
  'x',
  'é\u0000\ud800',
  '../../etc/passwd',
  'a'.repeat(5000),
  [],
  [[]],
  {},
  { a: { b: [1, null] } },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  Array.from({ length: 2000 }, () => ({})),
  'kuma.io/service',
  '99999999999999999999h',
  '2h',
  '10.0.0.1',
  '::1',
];

const documents: readonly { readonly path: string; readonly body: unknown }[] = [
  {
    path: '/meshes/fuzz',
    body: {
      type: 'Mesh',
      name: 'fuzz',
      labels: { a: 'b' },
      mtls: {
        enabledBackend: 'a',
        backends: [
          {
            name: 'a',
            type: 'provided',
            mode: 'STRICT',
            conf: { cert: { inline: 'eA==' }, key: { secret: 'x' } },
          },
        ],
      },
      networking: { outbound: { passthrough: true } },
      constraints: { dataplaneProxy: { requirements: [{ tags: { a: '*' } }], restrictions: [] } },
      logging: { defaultBackend: 'l', backends: [{ name: 'l', type: 'file', conf: { path: '/x' } }] },
      metrics: { enabledBackend: 'p', backends: [{ name: 'p', type: 'prometheus', conf: { port: 1 } }] },
      tracing: { backends: [{ name: 't', type: 'zipkin', sampling: 1, conf: { url: 'http://x' } }] },
      meshServices: { mode: 'Disabled' },
      skipCreatingInitialPolicies: ['*'],
    },
  },
  {
    path: '/meshes/default/dataplanes/fuzz',
    body: {
      type: 'Dataplane',
      mesh: 'default',
      name: 'fuzz',
      labels: { 'kuma.io/workload': 'w' },
      networking: {
        address: '10.0.0.1',
        inbound: [
          {
            port: 80,
            servicePort: 81,
            tags: { 'kuma.io/service': 's', 'kuma.io/protocol': 'http' },
            serviceProbe: { interval: '1s', timeout: '1s', unhealthyThreshold: 1, tcp: {} },
          },
        ],
        outbound: [{ port: 1, backendRef: { kind: 'MeshService', name: 'a', port: 1, labels: { a: 'b' } } }],
        transparentProxying: { redirectPortInbound: 1, reachableBackends: { refs: [{ kind: 'a' }] } },
        admin: { port: 9901 },
      },
      probes: { port: 9000, endpoints: [{ inboundPort: 1, inboundPath: '/', path: '/' }] },
      metrics: { type: 'prometheus', conf: { port: 1, path: '/' } },
    },
  },
  {
    path: '/meshes/default/meshtimeouts/fuzz',
    body: {
      type: 'MeshTimeout',
      mesh: 'default',
      name: 'fuzz',
      spec: {
        targetRef: { kind: 'MeshSubset', tags: { a: 'b' }, proxyTypes: ['Sidecar'] },
        to: [{ targetRef: { kind: 'MeshService', name: 'a' }, default: { http: { requestTimeout: '1s' } } }],
        from: [{ targetRef: { kind: 'Mesh' }, default: { connectionTimeout: '1s' } }],
      },
    },
  },
  {
    path: '/meshes/default/meshtrafficpermissions/fuzz',
    body: {
      type: 'MeshTrafficPermission',
      mesh: 'default',
      name: 'fuzz',
      spec: { from: [{ targetRef: { kind: 'MeshService', name: 'a' }, default: { action: 'Allow' } }] },
    },
  },
  {
    path: '/meshes/default/meshretries/fuzz',
    body: {
      type: 'MeshRetry',
      mesh: 'default',
      name: 'fuzz',
      spec: {
        to: [
          {
            targetRef: { kind: 'Mesh' },
            default: {
              http: { numRetries: 1, backOff: { baseInterval: '1s' }, retryOn: ['5xx'] },
              tcp: { maxConnectAttempt: 1 },
            },
          },
        ],
      },
    },
  },
  {
    path: '/meshes/default/secrets/fuzz',
    body: { type: 'Secret', mesh: 'default', name: 'fuzz', data: 'eA==' },
  },
  { path: '/globalsecrets/fuzz', body: { type: 'GlobalSecret', name: 'fuzz', data: 'eA==' } },
];

const tokenBodies: readonly { readonly path: string; readonly body: unknown }[] = [
  { path: '/tokens/dataplane', body: { mesh: 'default', name: 'a', tags: { a: ['b'] }, validFor: '1h' } },
  { path: '/tokens/user', body: { name: 'a', groups: ['b'], validFor: '1h' } },
  { path: '/tokens/zone', body: { zone: 'a', scope: ['cp'], validFor: '1h' } },
];

function pick<Item>(next: () => number, items: readonly Item[]): Item {
  const item = items[Math.floor(next() * items.length)];
  if (item === undefined) {
    throw new Error('nothing to pick from');
  }
  return item;
}

/** The value with one of its parts, however deep, replaced by junk, left out, or doubled under another name. */
function mutated(next: () => number, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || next() < 0.15) {
    return pick(next, junk);
  }
  if (Array.isArray(value)) {
    const at = Math.floor(next() * value.length);
    return value.map((item, position) => (position === at ? mutated(next, item) : item));
  }
  const entries: [string, unknown][] = Object.entries(value);
  const at = Math.floor(next() * entries.length);
  return Object.fromEntries(
    entries.flatMap(([name, member], position): [string, unknown][] => {
      if (position !== at) {
        return [[name, member]];
      }
      const chance = next();
      if (chance < 0.1) {
        return [];
      }
      return chance < 0.2 ? [[String(pick(next, junk)), member]] : [[name, mutated(next, member)]];
    }),
  );
}

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture(['default']);
});

afterAll(() => api.close());

describe('garbage', () => {
  it.each([1, 2, 3, 4])('in documents gives no 500 (seed %i)', async (seed) => {
    const next = random(seed);
    for (let count = 0; count < 150; count += 1) {
      const { path, body } = pick(next, [...documents, ...tokenBodies]);
      const method = path.startsWith('/tokens') ? 'POST' : 'PUT';
      const sent = mutated(next, next() < 0.3 ? mutated(next, body) : body);
      const answer = await api.request(method, path, { body: sent });
      expect(
        answer.status,
        `${method} ${path} ${JSON.stringify(sent)?.slice(0, 2000)} → ${answer.text}`,
      ).toBeLessThan(500);
      if (method === 'PUT' && answer.status < 300) {
        expect((await api.request('GET', path)).status).toBe(200);
        expect((await api.request('GET', path.slice(0, path.lastIndexOf('/')))).status).toBe(200);
      }
    }
  });

  it('in texts that are no JSON gives 400', async () => {
    const next = random(5);
    for (let count = 0; count < 150; count += 1) {
      const { path, body } = pick(next, documents);
      const text = JSON.stringify(body);
      const at = Math.floor(next() * text.length);
      const raw =
        next() < 0.5
          ? text.slice(0, at)
          : `${text.slice(0, at)}${pick(next, ['\\', '"', '{', '\u0000', ','])}${text.slice(at)}`;
      expect((await api.request('PUT', path, { raw })).status, raw).toBeLessThan(500);
    }
  });

  it('in paths and queries gives no 500', async () => {
    const next = random(6);
    const words = [
      'meshes',
      'default',
      'dataplanes',
      'meshtimeouts',
      'secrets',
      '_overview',
      '_kri',
      'kri_dp_a_b_c_d_',
      'dataplanes+insights',
      '%00',
      '%ff',
      '..',
      '.',
      '%2e%2e',
      'é',
      'a'.repeat(3000),
      '__proto__',
      'constructor',
      '%25',
      ' ',
      '*',
    ];
    const parameters = [
      'size',
      'offset',
      'name',
      'tag',
      'gateway',
      'status',
      'format',
      'filter[labels.a]',
      'filter[labels.',
      'filter[',
      '__proto__',
    ];
    const values = [
      '',
      '-1',
      '0',
      '1000',
      '1e9',
      '%',
      '%00',
      ':',
      'a:b',
      '*',
      'true',
      'builtin',
      'online',
      ']',
      '__proto__',
      'NaN',
      '9'.repeat(400),
    ];
    for (let count = 0; count < 500; count += 1) {
      const path = Array.from({ length: Math.floor(next() * 6) }, () => pick(next, words)).join('/');
      const query = Array.from(
        { length: Math.floor(next() * 4) },
        () => `${pick(next, parameters)}=${pick(next, values)}`,
      ).join('&');
      const method = pick(next, ['GET', 'GET', 'GET', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH']);
      const answer = await api.request(method, `/${path}${query === '' ? '' : `?${query}`}`);
      expect(answer.status, `${method} /${path}?${query} → ${answer.text}`).toBeLessThan(500);
    }
  });

  it('leaves no trace outside of what it was put into', () => {
    expect(Object('').polluted).toBeUndefined();
    expect(api.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
