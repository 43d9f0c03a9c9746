import { describe, expect, it } from 'vitest';
import type { MeshContext } from '../context/mesh-context.ts';
import type { InsightsView } from '../store/insights.ts';
import {
  alive,
  connected,
  contextOf,
  gateway,
  mtls,
  record,
  sidecar,
  stream,
  viewOf,
} from './insights.fixture.ts';
import { advance, type MeshModel } from './mesh-model.ts';
import type { RelayAlive } from './rows.ts';

const statuses = ({ rows }: MeshModel) => rows.map(({ resource, status }) => `${resource.name} ${status}`);

/** What a model says, without when something last changed, which a deletion cannot take back. */
function said({ rows, tally }: MeshModel) {
  const services = [...tally.services].map(([name, { modified: _, ...service }]) => [name, service]);
  const { modified: _, ...rest } = tally;
  const sorted = (map: ReadonlyMap<string, unknown>) => new Map([...map].sort());
  return {
    rows: rows.map(({ resource, record: one, openAt, status }) => [resource.name, one, openAt, status]),
    tally: {
      ...rest,
      kumaDp: sorted(rest.kumaDp),
      envoy: sorted(rest.envoy),
      issuedBackends: sorted(rest.issuedBackends),
      supportedBackends: sorted(rest.supportedBackends),
      services: services.map((each) => JSON.stringify(each, plain)).sort(),
    },
  };
}

const plain = (_: string, value: unknown) => (value instanceof Map ? [...value].sort() : value);

describe('the model of a mesh', () => {
  const a = sidecar('a', [{ service: 'shop' }]);
  const b = sidecar('b', [{ service: 'stock' }]);
  const door = gateway('door', 'door', 'BUILTIN');

  it('has Dataplanes in the order of names, each with its status', () => {
    const view = viewOf(connected('a'), connected('door', 'dead'), connected('nobody'));
    expect(statuses(advance(undefined, contextOf(door, b, a), view, alive))).toEqual([
      'a online',
      'b offline',
      'door offline',
    ]);
  });

  it('is the same as long as nothing changes', () => {
    const [context, view] = [contextOf(a, b), viewOf(connected('a'))];
    const model = advance(undefined, context, view, alive);
    expect(advance(model, context, view, alive)).toBe(model);
  });

  it('keeps the rows to which nothing happened', () => {
    const one = connected('b');
    const before = advance(undefined, contextOf(a, b, door), viewOf(connected('a'), one), alive);
    const after = advance(before, contextOf(a, b, door), viewOf(connected('a'), one), alive);
    expect(after.rows.map((row, at) => row === before.rows[at])).toEqual([false, true, true]);
    const policy = { ...after.context, revision: 2 };
    expect(advance(after, policy, after.insights, alive).rows).toBe(after.rows);
  });

  it('keeps the tallies of services to which nothing happened', () => {
    const before = advance(undefined, contextOf(a, b), viewOf(connected('a')), alive);
    const after = advance(before, contextOf(a, b), viewOf(connected('b')), alive);
    expect(after.tally.services.get('shop')).not.toBe(before.tally.services.get('shop'));
    const third = advance(after, contextOf(a, b), viewOf(connected('b', 'dead')), alive);
    expect(third.tally.services.get('shop')).toBe(after.tally.services.get('shop'));
    expect(third.tally.services.get('stock')).not.toBe(after.tally.services.get('stock'));
  });

  it('follows relays that die and come back, with nothing written', () => {
    const [context, view] = [contextOf(a, b), viewOf(connected('a', 'one'), connected('b', 'two'))];
    const lives = new Set(['one', 'two']);
    const model = () => advance(last, context, view, (relay) => lives.has(relay));
    let last: MeshModel | undefined;
    last = model();
    expect(statuses(last)).toEqual(['a online', 'b online']);
    lives.delete('one');
    const died = model();
    expect(statuses(died)).toEqual(['a offline', 'b online']);
    expect(died.rows[1]).toBe(last.rows[1]);
    last = died;
    lives.add('one');
    expect(statuses(model())).toEqual(['a online', 'b online']);
  });

  it('asks of a relay once, however long it takes', () => {
    const asked: string[] = [];
    // It dies between the first answer and the second.
    const dying: RelayAlive = (relay) => asked.push(relay) === 1;
    const context = contextOf(a, b);
    const view = viewOf(connected('a', 'one'), connected('b', 'one'));
    expect(statuses(advance(undefined, context, view, dying))).toEqual(['a online', 'b online']);
    expect(asked).toEqual(['one']);
  });

  it('counts a proxy online where one of several streams lives, and shows where', () => {
    const two = record('a', { subscriptions: [stream('dead'), stream('alive')] });
    const model = advance(undefined, contextOf(a), viewOf(two), alive);
    expect(model.rows[0]).toMatchObject({ status: 'online', openAt: ['alive'] });
  });

  it('knows nothing of what was closed before the Dataplane was made, whoever had its name', () => {
    const past = '2025-01-01T00:00:00.000Z';
    const closed = stream('alive', { connectTime: past, disconnectTime: past });
    const of = (...subscriptions: (typeof closed)[]) =>
      advance(undefined, contextOf(a), viewOf(record('a', { subscriptions }, 1, past)), alive).rows[0];
    expect(of(closed)?.record).toBeUndefined();
    expect(of(closed, stream('alive', { connectTime: past }))).toMatchObject({ status: 'online' });
  });

  it('forgets relays that hold nothing any more', () => {
    let model: MeshModel | undefined;
    for (let n = 0; n < 200; n += 1) {
      model = advance(model, contextOf(a), viewOf(connected('a', `relay-${n}`)), () => true);
    }
    expect(model?.relays.size).toBeLessThan(70);
    expect(model?.relays.get('relay-199')).toBe(true);
  });

  it('comes to the same step by step as all at once, whatever the steps', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const services = ['x', 'y', 'z'];
    const newDataplane = (name: string) =>
      random(4) === 0
        ? gateway(name, services[random(3)] ?? '', random(2) === 0 ? 'BUILTIN' : 'DELEGATED')
        : sidecar(
            name,
            Array.from({ length: random(3) }, () => ({
              service: services[random(3)] ?? '',
              state: random(3) === 0 ? ('NotReady' as const) : ('Ready' as const),
            })),
          );
    const newRecord = (name: string) =>
      record(name, {
        subscriptions: Array.from({ length: random(3) }, () =>
          stream(['alive', 'dead', 'other'][random(3)] ?? '', {
            version: { kumaDp: { version: `2.${random(3)}` } },
          }),
        ),
        ...(random(2) === 0 && { mtls: mtls(`ca-${random(2)}`, 'ca-0', 'ca-1') }),
      });
    let dataplanes = new Map(names.slice(0, 3).map((name) => [name, newDataplane(name)]));
    let records = new Map(names.map((name) => [name, newRecord(name)]));
    let model: MeshModel | undefined;
    for (let step = 0; step < 300; step += 1) {
      const name = names[random(names.length)] ?? '';
      [dataplanes, records] = [new Map(dataplanes), new Map(records)];
      [
        () => dataplanes.set(name, newDataplane(name)),
        () => dataplanes.delete(name),
        () => records.set(name, newRecord(name)),
        () => records.delete(name),
      ][random(4)]?.();
      const lives = new Set(['alive', 'other'].slice(0, 1 + random(2)));
      const context: MeshContext = contextOf(...dataplanes.values());
      const view: InsightsView = { revision: step, records };
      model = advance(model, context, view, (relay) => lives.has(relay));
      const anew = advance(undefined, context, view, (relay) => lives.has(relay));
      expect(said(model)).toEqual(said(anew));
    }
  });
});
