import type { MeshContext } from '../context/mesh-context.ts';
import type { Resource } from '../model/resource.ts';
import { encodeInsight } from '../store/insights/record.ts';
import type { InsightContent, InsightRecord, InsightsView, Subscription } from '../store/insights.ts';

/** When everything in these tests was made. */
export const made = '2026-01-01T00:00:00.000Z';

/** A resource of the mesh `default`. */
export function resource(type: string, name: string, spec: unknown, version = 1): Resource {
  const mesh = type === 'Mesh' ? '' : 'default';
  return { type, mesh, name, labels: {}, creationTime: made, modificationTime: made, version, spec };
}

export interface InboundDraft {
  readonly service?: string;
  readonly state?: 'Ready' | 'NotReady' | 'Ignored';
  readonly health?: { readonly ready?: boolean };
}

const zone = { 'kuma.io/zone': 'default' };

function tags(service: string | undefined) {
  return { ...zone, ...(service !== undefined && { 'kuma.io/service': service }) };
}

/** A Dataplane with these inbounds. */
export function sidecar(name: string, inbounds: readonly InboundDraft[]): Resource {
  const inbound = inbounds.map(({ service = 'shop', ...rest }, at) => ({
    port: 80 + at,
    ...rest,
    tags: tags(service),
  }));
  return resource('Dataplane', name, { networking: { address: '10.0.0.1', inbound } });
}

/** A Dataplane that is a gateway, delegated unless told. */
export function gateway(name: string, service: string, type?: 'BUILTIN' | 'DELEGATED', inbound?: object[]) {
  const door = { ...(type !== undefined && { type }), tags: tags(service) };
  return resource('Dataplane', name, {
    networking: { address: '10.0.0.1', gateway: door, ...(inbound !== undefined && { inbound }) },
  });
}

/** A stream that is open at a relay; closed where a time is given. */
export function stream(relay: string, more: Partial<Subscription> = {}): Subscription {
  return {
    id: `at-${relay}`,
    controlPlaneInstanceId: relay,
    connectTime: made,
    stats: {},
    version: { kumaDp: { version: '2.13.10' }, envoy: { version: '1.36.4' } },
    ...more,
  };
}

export function mtls(issuedBackend: string, ...supportedBackends: readonly string[]) {
  return {
    certificateExpirationTime: made,
    lastCertificateRegeneration: made,
    certificateRegenerations: 1,
    issuedBackend,
    supportedBackends: [...supportedBackends],
  };
}

/** What is stored of a proxy. */
export function record(name: string, content: InsightContent, version = 1, time = made): InsightRecord {
  return { name, version, text: encodeInsight(content, made, time) };
}

/** What is stored of a proxy whose stream is open at a relay. */
export function connected(name: string, relay = 'alive'): InsightRecord {
  return record(name, { subscriptions: [stream(relay)] });
}

export function viewOf(...records: readonly InsightRecord[]): InsightsView {
  return { revision: 1, records: new Map(records.map((each) => [each.name, each])) };
}

/** The mesh `default` with these resources. */
export function contextOf(...resources: readonly Resource[]): MeshContext {
  const byType = new Map<string, Map<string, Resource>>();
  const sorted = [...resources].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const each of [resource('Mesh', 'default', {}), ...sorted]) {
    byType.set(each.type, (byType.get(each.type) ?? new Map()).set(each.name, each));
  }
  return { mesh: 'default', revision: 1, resources: byType, services: new Map() };
}

/** Of the relays `alive` and `dead` the first lives. */
export const alive = (relay: string) => relay === 'alive';
