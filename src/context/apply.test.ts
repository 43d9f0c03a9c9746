import { describe, expect, it } from 'vitest';
import type { Resource } from '../model/resource.ts';
import type { LogEntry, LoggedChange } from '../store/resource-store.ts';
import { applyEntries, contextOf } from './apply.ts';
import type { MeshContext } from './mesh-context.ts';

function resource(type: string, name: string, spec: unknown, version = 1): Resource {
  const time = '2026-11-20T12:00:00.000Z';
  return {
    type,
    mesh: 'default',
    name,
    labels: {},
    creationTime: time,
    modificationTime: time,
    version,
    spec,
  };
}

interface InboundDraft {
  readonly service?: string;
  readonly port?: number;
  readonly address?: string;
  readonly state?: string;
  readonly health?: { readonly ready: boolean };
  readonly version?: string;
}

function dataplane(name: string, inbounds: readonly InboundDraft[], networking: object = {}): Resource {
  return resource('Dataplane', name, {
    networking: {
      address: '10.0.0.1',
      ...networking,
      inbound: inbounds.map(({ service, version, ...inbound }) => ({
        port: 8080,
        ...inbound,
        tags: {
          ...(service === undefined ? {} : { 'kuma.io/service': service }),
          ...(version === undefined ? {} : { version }),
        },
      })),
    },
  });
}

const put = (one: Resource): LoggedChange => ({ kind: 'put', resource: one });
const remove = ({ type, mesh, name }: Resource): LoggedChange => ({
  kind: 'delete',
  key: { type, mesh, name },
});
const entry = (revision: number, ...changes: LoggedChange[]): LogEntry => ({ revision, time: 0, changes });
const addresses = (context: MeshContext, service: string) =>
  context.services
    .get(service)
    ?.map(({ dataplane: name, address, port, ready }) => `${name} ${address}:${port} ${ready}`);

describe('instances of services', () => {
  const cases: readonly (readonly [string, Resource, readonly string[] | undefined])[] = [
    ['take the address of networking', dataplane('a', [{ service: 's' }]), ['a 10.0.0.1:8080 true']],
    ['prefer their own', dataplane('a', [{ service: 's', address: '10.0.0.2' }]), ['a 10.0.0.2:8080 true']],
    [
      'prefer the advertised one over both',
      dataplane('a', [{ service: 's', address: '10.0.0.2' }], { advertisedAddress: '1.2.3.4' }),
      ['a 1.2.3.4:8080 true'],
    ],
    [
      'are not ready by their state',
      dataplane('a', [{ service: 's', state: 'NotReady' }]),
      ['a 10.0.0.1:8080 false'],
    ],
    ['are left out when ignored', dataplane('a', [{ service: 's', state: 'Ignored' }]), undefined],
    [
      'are not ready by their health',
      dataplane('a', [{ service: 's', health: { ready: false } }]),
      ['a 10.0.0.1:8080 false'],
    ],
    [
      'are one for each inbound, in their order',
      dataplane('a', [
        { service: 's', port: 2 },
        { service: 'other', port: 3 },
        { service: 's', port: 1 },
      ]),
      ['a 10.0.0.1:2 true', 'a 10.0.0.1:1 true'],
    ],
    [
      'are none of a gateway',
      resource('Dataplane', 'a', { networking: { gateway: { tags: { 'kuma.io/service': 's' } } } }),
      undefined,
    ],
    [
      'are none of what cannot be read',
      resource('Dataplane', 'a', { networking: [{ inbound: 7 }] }),
      undefined,
    ],
    ['are none of what has no spec', resource('Dataplane', 'a', null), undefined],
  ];
  it.each(cases)('%s', (_, one, expected) => {
    expect(addresses(contextOf('default', { revision: 1, resources: [one] }), 's')).toStrictEqual(expected);
  });

  it('carry all tags of the inbound', () => {
    const context = contextOf('default', {
      revision: 1,
      resources: [dataplane('a', [{ service: 's', version: '2' }])],
    });
    expect(context.services.get('s')?.[0]?.tags).toStrictEqual({ 'kuma.io/service': 's', version: '2' });
  });
});

describe('applyEntries', () => {
  const a = dataplane('a', [{ service: 'one' }, { service: 'two', port: 9090 }]);
  const b = dataplane('b', [{ service: 'one' }]);
  const timeout = resource('MeshTimeout', 't', { from: [] });
  const retry = resource('MeshRetry', 'r', {});
  const start = contextOf('default', { revision: 5, resources: [b, timeout, a, retry] });

  it('shares what did not change', () => {
    const { context, changes } = applyEntries(start, [entry(6, put({ ...timeout, version: 2 }))]);
    expect(context.revision).toBe(6);
    expect(context.resources.get('MeshTimeout')?.get('t')?.version).toBe(2);
    expect(start.resources.get('MeshTimeout')?.get('t')?.version).toBe(1);
    expect(context.services).toBe(start.services);
    expect(context.resources.get('Dataplane')).toBe(start.resources.get('Dataplane'));
    expect(changes).toStrictEqual({
      dataplanes: new Set(),
      services: new Set(),
      types: new Map([['MeshTimeout', new Set([timeout, { ...timeout, version: 2 }])]]),
    });
  });

  it('touches only the services whose instances changed', () => {
    const moved = dataplane('a', [{ service: 'one' }, { service: 'two', port: 9091 }]);
    const { context, changes } = applyEntries(start, [entry(6, put(moved))]);
    expect(changes).toStrictEqual({
      dataplanes: new Set(['a']),
      services: new Set(['two']),
      types: new Map(),
    });
    expect(context.services.get('one')).toBe(start.services.get('one'));
    expect(addresses(context, 'two')).toStrictEqual(['a 10.0.0.1:9091 true']);
    expect(addresses(start, 'two')).toStrictEqual(['a 10.0.0.1:9090 true']);
  });

  it('leaves services alone when a Dataplane is written again with the same inbounds', () => {
    const again = { ...a, labels: { team: 'x' }, version: 2 };
    const { context, changes } = applyEntries(start, [entry(6, put(again))]);
    expect(context.services).toBe(start.services);
    expect(changes.services.size).toBe(0);
    expect(changes.dataplanes).toStrictEqual(new Set(['a']));
  });

  it('takes away services and types with nothing in them', () => {
    const { context, changes } = applyEntries(start, [entry(6, remove(a)), entry(7, remove(retry))]);
    expect([...context.services.keys()]).toStrictEqual(['one']);
    expect([...context.resources.keys()]).toStrictEqual(['Dataplane', 'MeshTimeout']);
    expect(addresses(context, 'one')).toStrictEqual(['b 10.0.0.1:8080 true']);
    expect(changes).toStrictEqual({
      dataplanes: new Set(['a']),
      services: new Set(['one', 'two']),
      types: new Map([['MeshRetry', new Set([retry])]]),
    });
  });

  it('keeps instances in the order of Dataplanes', () => {
    const { context } = applyEntries(start, [
      entry(6, put(dataplane('aa', [{ service: 'one' }]))),
      entry(7, put(dataplane('a', [{ service: 'one', port: 1 }]))),
    ]);
    expect(addresses(context, 'one')).toStrictEqual([
      'a 10.0.0.1:1 true',
      'aa 10.0.0.1:8080 true',
      'b 10.0.0.1:8080 true',
    ]);
  });

  it('returns the context itself where nothing was committed', () => {
    expect(applyEntries(start, []).context).toBe(start);
  });

  it('gives what loading gives, whatever the history', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    for (let round = 0; round < 40; round += 1) {
      const state = new Map<string, Resource>();
      let context = contextOf('default', { revision: 0, resources: [] });
      for (let revision = 1; revision <= 30; revision += 1) {
        const changes = Array.from({ length: 1 + random(3) }, () => {
          const name = `n-${random(6)}`;
          const one =
            random(3) === 0
              ? resource(`Mesh${random(3)}`, name, { value: random(3) })
              : dataplane(
                  name,
                  Array.from({ length: random(3) }, () => ({
                    service: `s-${random(3)}`,
                    port: 1 + random(3),
                  })),
                );
          const key = `${one.type}/${one.name}`;
          if (random(3) === 0 && state.delete(key)) {
            return remove(one);
          }
          state.set(key, one);
          return put(one);
        });
        context = applyEntries(context, [entry(revision, ...changes)]).context;
        const loaded = contextOf('default', { revision, resources: [...state.values()] });
        expect(printed(context)).toStrictEqual(printed(loaded));
      }
    }
  });
});

/** A context with the order of its maps. */
function printed({ mesh, revision, resources, services }: MeshContext) {
  return {
    mesh,
    revision,
    resources: [...resources].map(([type, byName]) => [type, [...byName]]),
    services: [...services],
  };
}
