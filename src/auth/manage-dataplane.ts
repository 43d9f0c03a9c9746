import { type TagSet, tagSetOf } from '../certificates/tag-set.ts';
import type { DataplaneSpec } from '../model/types/dataplane.ts';
import type { DataplaneClaims } from '../tokens/claims.ts';

/** A Dataplane as a token speaks of it. */
export interface ManagedDataplane {
  readonly mesh: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: DataplaneSpec;
}

/** The label that says what workload a proxy belongs to. */
export const workloadLabel = 'kuma.io/workload';

/** What the rules for a token depend on besides itself. */
export interface ManageOptions {
  /**
   * Whether the proxy's identity is made from its workload label, as a MeshIdentity may have it; false unless told.
   * A token that names no workload would then let a proxy choose its identity.
   */
  readonly identityFromWorkload?: boolean;
}

/**
 * Why a token does not allow to manage a Dataplane; undefined where it does. What a token leaves empty it does not
 * restrict; every tag that it names the Dataplane must have, with no other values than the token's.
 */
export function whyNotManaged(
  claims: DataplaneClaims,
  dataplane: ManagedDataplane,
  options: ManageOptions = {},
): string | undefined {
  if (claims.Type !== '' && claims.Type !== 'dataplane') {
    return `token is for proxies of type ${quoted(claims.Type)}, not for a dataplane`;
  }
  if (claims.Mesh !== '' && claims.Mesh !== dataplane.mesh) {
    return `token is for mesh ${quoted(claims.Mesh)}, the proxy is in ${quoted(dataplane.mesh)}`;
  }
  if (claims.Name !== '' && claims.Name !== dataplane.name) {
    return `token is for the proxy ${quoted(claims.Name)}, this one is ${quoted(dataplane.name)}`;
  }
  return whyTagsDiffer(claims.Tags, dataplane) ?? whyWorkloadDiffers(claims, dataplane, options);
}

/**
 * Whether a token may put a Dataplane in the place of the one that is there: only who may manage both. Otherwise a
 * token for one service could take over, under the same name, the proxy of another.
 */
export function mayReplace(
  claims: DataplaneClaims,
  existing: ManagedDataplane,
  options: ManageOptions = {},
): boolean {
  return whyNotManaged(claims, existing, options) === undefined;
}

function whyTagsDiffer(allowed: DataplaneClaims['Tags'], dataplane: ManagedDataplane): string | undefined {
  const names = Object.keys(allowed).sort();
  // Most tokens name a proxy, and then what it has in its spec is not asked for.
  const tags = names.length === 0 ? noTags : tagSetOf(dataplane.spec);
  for (const tag of names) {
    const values = tags.get(tag);
    if (values === undefined)
      return `token asks for the tag ${quoted(tag)}, which the dataplane does not have`;
    const expected = allowed[tag] ?? [];
    for (const value of [...values].sort()) {
      if (!expected.includes(value)) {
        const list = expected.map(quoted).join(', ');
        return `dataplane has the tag ${quoted(tag)} with ${quoted(value)}, the token allows [${list}]`;
      }
    }
  }
  return undefined;
}

function whyWorkloadDiffers(
  claims: DataplaneClaims,
  dataplane: ManagedDataplane,
  options: ManageOptions,
): string | undefined {
  const workload = Object.hasOwn(dataplane.labels, workloadLabel)
    ? dataplane.labels[workloadLabel]
    : undefined;
  if (claims.Workload === '') {
    return workload !== undefined && options.identityFromWorkload === true
      ? `identity of the dataplane follows from its workload ${quoted(workload)}, so the token must be for that workload`
      : undefined;
  }
  if (workload === undefined) {
    return `token is for the workload ${quoted(claims.Workload)}, the dataplane has no label ${workloadLabel}`;
  }
  return workload === claims.Workload
    ? undefined
    : `token is for the workload ${quoted(claims.Workload)}, the dataplane belongs to ${quoted(workload)}`;
}

const noTags: TagSet = new Map();

/** Bounded, as the values come from who is being refused. */
function quoted(text: string): string {
  return JSON.stringify(text.length <= 200 ? text : `${text.slice(0, 200)}…`);
}
