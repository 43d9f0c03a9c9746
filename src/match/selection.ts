import { displayNameOf } from '../model/kri.ts';
import { labelNames } from '../model/labels.ts';
import { matchesSelector, type Tags } from '../model/tags.ts';
import type { TargetRef } from '../policies/common/target-ref.ts';
import type { Policy } from './policy.ts';
import type { DataplaneProxy } from './proxy.ts';

/** What of a proxy a policy selects. */
export interface Selection {
  /** Whether the proxy is selected at all. */
  readonly selected: boolean;
  /** Whether each inbound is, in their order. */
  readonly inbounds: readonly boolean[];
}

const nothing: Selection = { selected: false, inbounds: [] };

const { origin: originLabel, zone: zoneLabel, namespace: namespaceLabel } = labelNames;

/** What of a proxy a policy selects by its top-level target. */
export function select(policy: Policy, proxy: DataplaneProxy): Selection {
  if (!sameZone(policy, proxy) || !sameNamespace(policy, proxy)) {
    return nothing;
  }
  const { kind, name = '', tags = {} } = policy.targetRef;
  switch (kind) {
    case 'Mesh':
      return takesProxyType(policy.targetRef, proxy) ? byTags({}, proxy) : nothing;
    case 'MeshSubset':
      return takesProxyType(policy.targetRef, proxy) ? byTags(tags, proxy) : nothing;
    case 'MeshService':
      return byTags({ 'kuma.io/service': name }, proxy);
    case 'MeshServiceSubset':
      return byTags({ 'kuma.io/service': name, ...tags }, proxy);
    case 'Dataplane':
      return isDataplane(policy, proxy) ? bySection(policy.targetRef.sectionName ?? '', proxy) : nothing;
    default:
      return nothing;
  }
}

/** A policy that a zone made is for the proxies of that zone, unless its producer made it for the callers. */
function sameZone({ role, labels }: Policy, proxy: DataplaneProxy): boolean {
  if (role === 'producer' || (proxy.labels[originLabel] ?? 'global') === 'global') {
    return true;
  }
  const zone = labels[originLabel] === 'zone' ? labels[zoneLabel] : undefined;
  return zone === undefined || zone === proxy.labels[zoneLabel];
}

/** A policy of a consumer, or of the owner of a workload, is for the proxies of its namespace. */
function sameNamespace({ role, labels }: Policy, proxy: DataplaneProxy): boolean {
  return (
    (role !== 'consumer' && role !== 'workload-owner') ||
    (labels[namespaceLabel] !== undefined && labels[namespaceLabel] === proxy.labels[namespaceLabel])
  );
}

function takesProxyType({ proxyTypes = [] }: TargetRef, { gateway }: DataplaneProxy): boolean {
  return proxyTypes.length === 0 || proxyTypes.includes(gateway === undefined ? 'Sidecar' : 'Gateway');
}

function byTags(selector: Tags, { inbounds, gateway }: DataplaneProxy): Selection {
  return selection(
    inbounds.map(({ tags }) => matchesSelector(selector, tags)),
    gateway?.type === 'DELEGATED' && matchesSelector(selector, gateway.tags),
  );
}

function bySection(section: string, { inbounds, gateway }: DataplaneProxy): Selection {
  return selection(
    inbounds.map(({ sectionName }) => section === '' || sectionName === section),
    gateway?.type === 'DELEGATED',
  );
}

function selection(inbounds: readonly boolean[], gateway: boolean): Selection {
  return { selected: gateway || inbounds.includes(true), inbounds };
}

/** Whether a target of the kind Dataplane means the proxy: all of them, one by name, or those with some labels. */
function isDataplane(policy: Policy, proxy: DataplaneProxy): boolean {
  const { name = '', namespace = '', labels } = policy.targetRef;
  if (name === '' && namespace === '' && labels === undefined) {
    return true;
  }
  if (labels !== undefined && Object.entries(labels).every(([key, value]) => proxy.labels[key] === value)) {
    return true;
  }
  return (
    name !== '' &&
    name === displayNameOf(proxy) &&
    (policy.labels[zoneLabel] ?? '') === (proxy.labels[zoneLabel] ?? '') &&
    (namespace || (policy.labels[namespaceLabel] ?? '')) === (proxy.labels[namespaceLabel] ?? '')
  );
}
