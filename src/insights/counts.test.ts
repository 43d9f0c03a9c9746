import { describe, expect, it } from 'vitest';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { resourceTypes } from '../policies/registry.ts';
import { type InsightRecord, zoneProxyInsightName } from '../store/insights.ts';
import { globalInsight } from './global-insight.ts';
import {
  alive,
  connected,
  contextOf,
  gateway,
  mtls,
  record,
  resource,
  sidecar,
  stream,
  viewOf,
} from './insights.fixture.ts';
import { meshInsight } from './mesh-insight.ts';
import { advance } from './mesh-model.ts';
import { zoneRows } from './zone-proxies.ts';

const modelOf = (resources: readonly Resource[], ...records: readonly InsightRecord[]) =>
  advance(undefined, contextOf(...resources), viewOf(...records), alive);

const specOf = (resources: readonly Resource[], ...records: readonly InsightRecord[]) =>
  meshInsight(modelOf(resources, ...records), resourceTypes).spec;

const ready = (name: string) => sidecar(name, [{ service: name }]);
const partly = (name: string) => sidecar(name, [{ service: name }, { service: name, state: 'NotReady' }]);

const version = (kumaDp: string | undefined, envoy: string) => ({
  version: { ...(kumaDp !== undefined && { kumaDp: { version: kumaDp } }), envoy: { version: envoy } },
});

describe('the insight of a mesh', () => {
  it('says little of an empty one', () => {
    expect(specOf([])).toEqual({
      dataplanes: {},
      dpVersions: {},
      mTLS: {},
      services: {},
      dataplanesByType: { standard: {}, gateway: {}, gatewayBuiltin: {}, gatewayDelegated: {} },
    });
  });

  it('counts proxies by status and kind', () => {
    const resources = [
      ready('on'),
      ready('off'),
      partly('partly'),
      gateway('door', 'door', 'BUILTIN'),
      gateway('gate', 'gate'),
      gateway('gate-2', 'gate'),
    ];
    const records = ['on', 'partly', 'door', 'gate'].map((name) => connected(name));
    expect(specOf(resources, ...records)).toMatchObject({
      dataplanes: { total: 6, online: 3, offline: 2, partiallyDegraded: 1 },
      dataplanesByType: {
        standard: { total: 3, online: 1, offline: 1, partiallyDegraded: 1 },
        gateway: { total: 3, online: 2, offline: 1 },
        gatewayBuiltin: { total: 1, online: 1 },
        gatewayDelegated: { total: 2, online: 1, offline: 1 },
      },
      services: { total: 5, internal: 5 },
    });
  });

  it('counts versions, those that were never told as unknown, and every proxy in their totals', () => {
    const records = [
      record('a', { subscriptions: [stream('alive', version('2.13.10', '1.36.4'))] }),
      record('b', {
        subscriptions: [
          stream('dead', version('2.12.0', '1.35.0')),
          stream('alive', version(undefined, '1.36.4')),
        ],
      }),
    ];
    expect(specOf([ready('a'), partly('b'), ready('c')], ...records)).toMatchObject({
      dpVersions: {
        kumaDp: {
          '2.13.10': { total: 1, online: 1 },
          unknown: { total: 2, offline: 1, partiallyDegraded: 1 },
        },
        envoy: {
          '1.36.4': { total: 2, online: 1, partiallyDegraded: 1 },
          unknown: { total: 1, offline: 1 },
        },
      },
    });
  });

  it('counts certificates by the backend that issued them, and by those that are supported', () => {
    const holder = (name: string, issued: string, relay: string) =>
      record(name, { subscriptions: [stream(relay)], mtls: mtls(issued, 'ca-1', 'ca-2') });
    const resources = [ready('a'), ready('b'), ready('c')];
    const records = [holder('a', 'ca-1', 'alive'), holder('b', 'ca-2', 'dead'), connected('c')];
    expect(specOf(resources, ...records)).toMatchObject({
      mTLS: {
        issuedBackends: { 'ca-1': { total: 1, online: 1 }, 'ca-2': { total: 1, offline: 1 } },
        supportedBackends: {
          'ca-1': { total: 2, online: 1, offline: 1 },
          'ca-2': { total: 2, online: 1, offline: 1 },
        },
      },
    });
  });

  it('counts resources, and policies among them; the Mesh itself and what is not listed are none', () => {
    const resources = [
      ready('a'),
      resource('MeshTimeout', 't', {}),
      resource('MeshTimeout', 'u', {}),
      resource('Secret', 's', {}),
      resource('ExternalService', 'e', { tags: { 'kuma.io/service': 'pay' } }),
      resource('Hidden', 'h', {}),
    ];
    const [timeout] = resourceTypes.filter(({ name }) => name === 'MeshTimeout');
    const hidden = timeout === undefined ? [] : [{ ...timeout, name: 'Hidden', unlisted: true }];
    const types: readonly ResourceType[] = [...resourceTypes, ...hidden];
    expect(meshInsight(modelOf(resources), types).spec).toMatchObject({
      policies: { MeshTimeout: { total: 2 } },
      resources: {
        Dataplane: { total: 1 },
        ExternalService: { total: 1 },
        MeshTimeout: { total: 2 },
        Secret: { total: 1 },
      },
      services: { total: 2, internal: 1, external: 1 },
    });
    expect(JSON.stringify(meshInsight(modelOf(resources), types))).not.toMatch(/Hidden|"Mesh"/);
  });
});

describe('the insight of everything', () => {
  const zone = (type: 'Zone' | 'ZoneIngress' | 'ZoneEgress', name: string) => ({
    ...resource(type, name, {}),
    mesh: '',
  });
  const zones = zoneRows(
    undefined,
    contextOf(
      zone('Zone', 'z'),
      zone('ZoneIngress', 'in-1'),
      zone('ZoneIngress', 'in-2'),
      zone('ZoneEgress', 'in-1'),
    ),
    viewOf(
      connected(zoneProxyInsightName('ZoneIngress', 'in-1')),
      connected(zoneProxyInsightName('ZoneIngress', 'in-2'), 'dead'),
      connected('z'),
    ),
    alive,
  );

  it('adds meshes up, and tells what is 0', () => {
    const one = modelOf(
      [ready('a'), partly('b'), gateway('g', 'door', 'BUILTIN'), resource('MeshTimeout', 't', {})],
      connected('a'),
      connected('b'),
    );
    const other = modelOf(
      [
        ready('a'),
        gateway('g', 'gate'),
        resource('MeshTimeout', 't', {}),
        resource('MeshRetry', 'r', {}),
        resource('ExternalService', 'e', { tags: { 'kuma.io/service': 'pay' } }),
      ],
      connected('g'),
    );
    expect(globalInsight([one, other], zones, resourceTypes, 0)).toEqual({
      createdAt: '1970-01-01T00:00:00.000Z',
      dataplanes: {
        standard: { online: 1, offline: 1, partiallyDegraded: 1, total: 3 },
        gatewayBuiltin: { online: 0, offline: 1, partiallyDegraded: 0, total: 1 },
        gatewayDelegated: { online: 1, offline: 0, partiallyDegraded: 0, total: 1 },
      },
      meshes: { total: 2 },
      policies: { total: 3 },
      resources: {
        Dataplane: { total: 5 },
        ExternalService: { total: 1 },
        MeshRetry: { total: 1 },
        MeshTimeout: { total: 2 },
      },
      services: {
        internal: { online: 1, offline: 2, partiallyDegraded: 0, total: 3 },
        gatewayBuiltin: { online: 0, offline: 1, partiallyDegraded: 0, total: 1 },
        gatewayDelegated: { online: 1, offline: 0, partiallyDegraded: 0, total: 1 },
        external: { total: 1 },
      },
      zones: {
        controlPlanes: { online: 0, total: 0 },
        zoneIngresses: { online: 1, total: 2 },
        zoneEgresses: { online: 0, total: 0 },
      },
    });
  });

  it('has zone proxies that ever connected, whatever else has their names', () => {
    const shown = (rows: (typeof zones)['Zone']) =>
      rows.map(({ resource: { name }, record: one, status }) => [name, one !== undefined, status]);
    expect(shown(zones.ZoneIngress)).toEqual([
      ['in-1', true, 'online'],
      ['in-2', true, 'offline'],
    ]);
    expect(shown(zones.ZoneEgress)).toEqual([['in-1', false, 'offline']]);
    expect(shown(zones.Zone)).toEqual([['z', false, 'offline']]);
  });

  it('keeps the rows of zone proxies to which nothing happened', () => {
    const ingress = zone('ZoneIngress', 'in-1');
    const records = viewOf(connected(zoneProxyInsightName('ZoneIngress', 'in-1')));
    const before = zoneRows(undefined, contextOf(ingress), records, alive);
    expect(zoneRows(before, contextOf(ingress), records, alive).ZoneIngress[0]).toBe(before.ZoneIngress[0]);
    const died = zoneRows(before, contextOf(ingress), records, () => false);
    expect(died.ZoneIngress[0]?.status).toBe('offline');
    const back = zoneRows(died, contextOf(ingress), records, alive);
    expect(back.ZoneIngress[0]?.status).toBe('online');
  });
});
