import fc from 'fast-check';
import { expect, it } from 'vitest';
import { annotation } from '../../kubernetes/annotations.ts';
import { target as defaultTarget } from '../../kubernetes/injector/inject.fixture.ts';
import type { InjectionTarget } from '../../kubernetes/injector/settings.ts';
import { applyJsonPatch } from '../../kubernetes/json-patch/apply.ts';
import { answerFor } from './inject-pod.ts';

const target: InjectionTarget = {
  ...defaultTarget,
  containerPatches: new Map([['known', { sidecarPatch: [{ op: 'remove', path: '/args/0' }] }]]),
  hasMesh: (name) => name === 'default',
};

const words = fc.constantFrom(
  ...[
    'enabled',
    'disabled',
    'true',
    'no',
    '',
    '0',
    '9001',
    '9000',
    '99999999999',
    'builtin',
    'default',
    'none',
  ],
  ...['known', 'unknown', '1s', '-1s', 'a=b', 'a=b;c', '__proto__=x', 'token', ',', '\u0000'],
);
const annotations = fc.dictionary(
  fc.constantFrom(...Object.values(annotation), '__proto__', 'constructor'),
  words,
  { maxKeys: 4, noNullPrototype: true },
);
const port = fc.constantFrom<unknown>(0, 80, 9001, 70_000, -1, 1.5, 'http', '80', null, {});
const probe = fc.oneof(
  fc.record(
    { httpGet: fc.record({ path: words, port }), timeoutSeconds: fc.integer() },
    { noNullPrototype: true },
  ),
  fc.record({ tcpSocket: fc.record({ port }) }, { noNullPrototype: true }),
  fc.record({ grpc: fc.record({ port, service: words }) }, { noNullPrototype: true }),
  fc.jsonValue(),
);
const container = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        name: fc.constantFrom<unknown>('app', 'kuma-sidecar', 'other', 1),
        ports: fc.constantFrom<unknown>([{ name: 'http', containerPort: 80 }], [], undefined, 'x'),
        livenessProbe: probe,
        restartPolicy: fc.constantFrom<unknown>('Always', undefined),
        securityContext: fc.constantFrom<unknown>({ runAsUser: 5678 }, { runAsUser: 1 }, undefined),
      },
      { noNullPrototype: true, requiredKeys: ['name'] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const pods = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        metadata: fc.record(
          { annotations, labels: annotations },
          { noNullPrototype: true, requiredKeys: [] },
        ),
        spec: fc.record(
          {
            containers: fc.array(container, { maxLength: 3 }),
            initContainers: fc.array(container, { maxLength: 2 }),
            volumes: fc.constantFrom<unknown>([{ name: 'token' }], [], null),
          },
          { noNullPrototype: true, requiredKeys: ['containers'] },
        ),
      },
      { noNullPrototype: true },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);

function responseFor(object: unknown) {
  const resource = { group: '', version: 'v1', resource: 'pods' };
  const request = { uid: '1', operation: 'CREATE', resource, object };
  return Object(answerFor(request, undefined, target)).response;
}

it('tells of twenty mistakes at the most', () => {
  const { status } = responseFor({ spec: { containers: Array.from({ length: 1_000 }, () => ({})) } });
  expect(status.details.causes).toHaveLength(20);
  expect(status.message.length).toBeLessThan(1_000);
});

it('repeats long values only in part', () => {
  const annotations = { 'kuma.io/init-first': 'x'.repeat(100_000) };
  const { status } = responseFor({ metadata: { annotations }, spec: { containers: [{ name: 'app' }] } });
  expect(status.message).toMatch(/^metadata\.annotations\["kuma.io\/init-first"\]: .* has wrong value "x+…$/);
  expect(JSON.stringify(status).length).toBeLessThan(2_000);
});

it('answers whatever a pod may be: with a patch that applies to it, or with the field that is wrong', () => {
  const seen = { injected: 0, denied: 0, left: 0 };
  fc.assert(
    fc.property(pods, (generated) => {
      // As it comes: without what JSON cannot say.
      const object: unknown = JSON.parse(JSON.stringify(generated));
      const response = responseFor(object);
      if (!response.allowed) {
        seen.denied += 1;
        expect(response.status.message).toMatch(/./);
      } else if (response.patch === undefined) {
        seen.left += 1;
      } else {
        seen.injected += 1;
        const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString());
        const { metadata, spec } = Object(applyJsonPatch(object, patch));
        expect(metadata.labels['kuma.io/mesh']).toBe('default');
        expect(spec.containers[0].name).toBe('kuma-sidecar');
      }
    }),
    { numRuns: 1_500 },
  );
  expect(Math.min(seen.injected, seen.denied, seen.left)).toBeGreaterThan(20);
});
