import { displayNameOf } from '../model/kri.ts';
import { labelNames } from '../model/labels.ts';
import type { TargetRef, TargetRefKind } from '../policies/common/target-ref.ts';

/** Kuma's `kuma.io/policy-role`. */
export type Role = 'system' | 'producer' | 'consumer' | 'workload-owner';

const roles: Readonly<Record<Role, number>> = { system: 1, producer: 2, consumer: 3, 'workload-owner': 4 };

/** The role that a policy's labels give it; `system` unless they say another one. */
export function roleOf(labels: Readonly<Record<string, string>>): Role {
  const role = labels[labelNames.policyRole];
  return role === 'producer' || role === 'consumer' || role === 'workload-owner' ? role : 'system';
}

/** What a policy is ranked by. */
export interface Ranked {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly targetRef: TargetRef;
  readonly role: Role;
}

/** From the least to the most specific. */
const kinds: Readonly<Record<TargetRefKind, number>> = {
  Mesh: 1,
  Dataplane: 2,
  MeshSubset: 3,
  MeshGateway: 4,
  MeshService: 5,
  MeshExternalService: 6,
  MeshMultiZoneService: 7,
  MeshServiceSubset: 8,
  MeshHTTPRoute: 9,
};

/**
 * Compares policies by their precedence, the weaker first: by the kind of their top-level target, by where they were
 * made, by their role, and at last by name, where `a` is stronger than `b`.
 */
export function rankPolicy(a: Ranked, b: Ranked): number {
  return (
    rankTarget(a, b) ||
    rankListenerTags(a.targetRef, b.targetRef) ||
    roles[a.role] - roles[b.role] ||
    rankName(a, b)
  );
}

/**
 * The same for entries of `to` that target resources: before the names count what the entries target, and whether they
 * target a section of it.
 */
export function rankEntry(
  a: { readonly policy: Ranked; readonly targetRef: TargetRef },
  b: { readonly policy: Ranked; readonly targetRef: TargetRef },
): number {
  return (
    rankTarget(a.policy, b.policy) ||
    roles[a.policy.role] - roles[b.policy.role] ||
    kinds[a.targetRef.kind] - kinds[b.targetRef.kind] ||
    (a.targetRef.kind === 'MeshService' ? rankSection(a.targetRef, b.targetRef) : 0) ||
    rankName(a.policy, b.policy)
  );
}

function rankTarget(a: Ranked, b: Ranked): number {
  return (
    kinds[a.targetRef.kind] - kinds[b.targetRef.kind] ||
    rankDataplanes(a.targetRef, b.targetRef) ||
    rankOrigin(a) - rankOrigin(b)
  );
}

function rankName(a: Ranked, b: Ranked): number {
  return compareText(displayNameOf(b), displayNameOf(a));
}

function rankSection(a: TargetRef, b: TargetRef): number {
  return Number((a.sectionName ?? '') !== '') - Number((b.sectionName ?? '') !== '');
}

/** A Dataplane by name is more specific than Dataplanes by labels, and a section more than the whole. */
function rankDataplanes(a: TargetRef, b: TargetRef): number {
  if (a.kind !== 'Dataplane' || b.kind !== 'Dataplane') {
    return 0;
  }
  const named = (ref: TargetRef) => (ref.name ?? '') !== '';
  if (named(a) && b.labels !== undefined) {
    return 1;
  }
  if (a.labels !== undefined && named(b)) {
    return -1;
  }
  return rankSection(a, b);
}

/** What a zone made wins over what came from the global control plane. */
function rankOrigin({ labels }: Ranked): number {
  const origin = labels[labelNames.origin];
  return origin === 'zone' ? 3 : origin === 'global' ? 1 : 2;
}

function rankListenerTags(a: TargetRef, b: TargetRef): number {
  return a.kind === 'MeshGateway' && b.kind === 'MeshGateway'
    ? Object.keys(a.tags ?? {}).length - Object.keys(b.tags ?? {}).length
    : 0;
}

/** Compares texts by their UTF-16 units. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
