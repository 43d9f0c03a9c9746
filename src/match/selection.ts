import { displayNameOf } from '../model/kri.ts';
import { type Labels, labelNames } from '../model/labels.ts';
import { matchesSelector, type Tags } from '../model/tags.ts';
import type { TargetRef } from '../policies/common/target-ref.ts';
import type { BuiltinGateway } from './builtin-gateway.ts';
import type { Policy } from './policy.ts';
import type { DataplaneProxy } from './proxy.ts';

/** What of a proxy a policy selects. */
export interface Selection {
  /** Whether the proxy is selected at all. */
  readonly selected: boolean;
  /** Whether each inbound is, in their order. */
  readonly inbounds: readonly boolean[];
}

export const nothing: Selection = { selected: false, inbounds: [] };

const { origin: originLabel, zone: zoneLabel, namespace: namespaceLabel } = labelNames;

/**
 * What of a proxy a policy selects by its top-level target. One that targets a route selects nothing here.
 *
 * @param builtin the MeshGateway of a built-in gateway, which is only selected by its listeners.
 */
export function select(policy: Policy, proxy: DataplaneProxy, builtin?: BuiltinGateway): Selection {
  if (!reaches(policy, proxy, builtin)) {
    return nothing;
  }
  const byTags = (selector: Tags) => selectByTags(selector, proxy, builtin);
  const { kind, name = '', tags = {} } = policy.targetRef;
  switch (kind) {
    case 'Mesh':
      return takesProxyType(policy.targetRef, proxy) ? byTags({}) : nothing;
    case 'MeshSubset':
      return takesProxyType(policy.targetRef, proxy) ? byTags(tags) : nothing;
    case 'MeshService':
      return byTags({ 'kuma.io/service': name });
    case 'MeshServiceSubset':
      return byTags({ 'kuma.io/service': name, ...tags });
    case 'Dataplane':
      return builtin === undefined && isDataplane(policy, proxy)
        ? bySection(policy.targetRef.sectionName ?? '', proxy)
        : nothing;
    case 'MeshGateway':
      return builtin !== undefined && displayNameOf(builtin) === name ? byTags(tags) : nothing;
    default:
      return nothing;
  }
}

/** Whether a policy is for the zone and the namespace of a proxy, whatever its target is. */
export function reaches(policy: Policy, proxy: DataplaneProxy, builtin?: BuiltinGateway): boolean {
  return sameZone(policy, (builtin ?? proxy).labels) && sameNamespace(policy, proxy);
}

/** A policy that a zone made is for the proxies of that zone, unless its producer made it for the callers. */
function sameZone({ role, labels }: Policy, target: Labels): boolean {
  if (role === 'producer' || (target[originLabel] ?? 'global') === 'global') {
    return true;
  }
  const zone = labels[originLabel] === 'zone' ? labels[zoneLabel] : undefined;
  return zone === undefined || zone === target[zoneLabel];
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

function selectByTags(
  selector: Tags,
  { inbounds, gateway }: DataplaneProxy,
  builtin: BuiltinGateway | undefined,
): Selection {
  const listens = builtin?.listeners.some((tags) => matchesSelector(selector, tags)) === true;
  return selection(
    inbounds.map(({ tags }) => matchesSelector(selector, tags)),
    listens || (gateway?.type === 'DELEGATED' && matchesSelector(selector, gateway.tags)),
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
