import type { MeshContext } from '../../../src/context/mesh-context.ts';
import type { Resource } from '../../../src/model/resource.ts';
import type { LoggedChange } from '../../../src/store/resource-store.ts';
import { plainMesh, stored, writable } from './compile-fixture.ts';

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const services = ['red', 'green', 'blue', 'grey'] as const;
const protocols = ['http', 'http2', 'tcp', 'grpc', 'kafka', undefined] as const;
const versions = ['v1', 'v2', undefined] as const;
const states = ['Ready', 'Ready', 'Ready', 'NotReady'] as const;

/** A random change: a proxy, a policy, the mesh or a type that nothing is compiled from comes, goes or is another one. */
export function randomChange(context: MeshContext, random: () => number): LoggedChange {
  const pick = <T>(from: readonly T[]): T => {
    const found = from[Math.floor(random() * from.length)];
    if (found === undefined && from.length === 0) {
      throw new Error('there is nothing to pick from');
    }
    return found as T;
  };
  const number = Math.floor(random() * 6);
  const put = (resource: Resource): LoggedChange => ({ kind: 'put', resource });
  const dataplane = () => put(randomDataplane(number, pick));
  const policy = () => put(randomPolicy(number % 3, pick));
  const gone = (types: readonly string[]): LoggedChange => {
    const type = pick(types);
    const names = [...(context.resources.get(type)?.keys() ?? [])];
    return names.length === 0
      ? dataplane()
      : { kind: 'delete', key: { type, mesh: context.mesh, name: pick(names) } };
  };
  const mesh = () => {
    const mtls = pick([undefined, 'STRICT', 'PERMISSIVE'] as const);
    const backend = { name: 'ca', type: 'builtin', ...(mtls === 'PERMISSIVE' ? { mode: mtls } : {}) };
    return put(
      stored({
        ...plainMesh(context.mesh),
        spec: mtls === undefined ? {} : { mtls: { enabledBackend: 'ca', backends: [backend] } },
      }),
    );
  };
  return pick([
    dataplane,
    dataplane,
    dataplane,
    policy,
    policy,
    policy,
    () => gone(['Dataplane']),
    () => gone(['MeshTimeout', 'MeshRetry', 'MeshCircuitBreaker', 'MeshTrafficPermission']),
    mesh,
    () =>
      put(
        stored({ type: 'HostnameGenerator', mesh: context.mesh, name: `h-${number}`, labels: {}, spec: {} }),
      ),
  ])();
}

type Pick = <T>(from: readonly T[]) => T;

function randomDataplane(number: number, pick: Pick): Resource {
  const tags = () => {
    const protocol = pick(protocols);
    const version = pick(versions);
    return {
      'kuma.io/service': pick(services),
      ...(protocol === undefined ? {} : { 'kuma.io/protocol': protocol }),
      ...(version === undefined ? {} : { version }),
    };
  };
  const outbound = (port: number) => {
    const version = pick(versions);
    return {
      port,
      tags: {
        'kuma.io/service': pick([...services, 'absent']),
        ...(version === undefined ? {} : { version }),
      },
    };
  };
  const gateway = pick([false, false, false, true]);
  return made({
    type: 'Dataplane',
    mesh: 'default',
    name: `proxy-${number}`,
    networking: {
      address: `10.0.0.${1 + number}`,
      ...(gateway
        ? { gateway: { tags: { 'kuma.io/service': pick(services) } } }
        : {
            inbound: [
              { port: 80, state: pick(states), tags: tags() },
              { port: 81, servicePort: pick([90, 91]), tags: tags() },
            ],
          }),
      outbound: [outbound(1000), outbound(1001), outbound(pick([1002, 1003]))],
    },
  });
}

function randomPolicy(number: number, pick: Pick): Resource {
  const target = () =>
    pick([
      { kind: 'Mesh' },
      { kind: 'MeshSubset', tags: { version: 'v1' } },
      { kind: 'MeshService', name: pick(services) },
      { kind: 'MeshServiceSubset', name: pick(services), tags: { version: 'v2' } },
      { kind: 'Dataplane', name: `proxy-${pick([0, 1, 2, 3])}` },
    ]);
  const destination = () => pick([{ kind: 'Mesh' }, { kind: 'MeshService', name: pick(services) }]);
  const seconds = () => `${pick([1, 2, 3, 4])}s`;
  const timeouts = () =>
    pick([
      { connectionTimeout: seconds() },
      { idleTimeout: seconds() },
      { http: { requestTimeout: seconds() } },
    ]);
  const spec = pick([
    () =>
      [
        'MeshTimeout',
        { targetRef: target(), to: [{ targetRef: destination(), default: timeouts() }] },
      ] as const,
    () => ['MeshTimeout', { from: [{ targetRef: { kind: 'Mesh' }, default: timeouts() }] }] as const,
    () =>
      [
        'MeshRetry',
        {
          targetRef: target(),
          to: [{ targetRef: destination(), default: { http: { numRetries: pick([0, 1, 2]) } } }],
        },
      ] as const,
    () =>
      [
        'MeshCircuitBreaker',
        {
          targetRef: target(),
          to: [{ targetRef: destination(), default: { connectionLimits: { maxConnections: pick([1, 2]) } } }],
        },
      ] as const,
    () =>
      [
        'MeshTrafficPermission',
        {
          targetRef: target(),
          from: [
            {
              targetRef: pick([
                { kind: 'Mesh' },
                { kind: 'MeshSubset', tags: { version: 'v1' } },
                { kind: 'MeshService', name: pick(services) },
              ]),
              default: { action: pick(['Allow', 'Deny', 'AllowWithShadowDeny']) },
            },
          ],
        },
      ] as const,
  ])();
  return made({ type: spec[0], mesh: 'default', name: `policy-${number}`, spec: spec[1] });
}

function made(document: unknown): Resource {
  const resource = writable(document);
  if (resource === undefined) {
    throw new Error('this type is known');
  }
  return resource;
}
