import * as z from 'zod';
import { labelNames } from '../model/labels.ts';
import type { Resource } from '../model/resource.ts';
import { type TargetRef, targetRefSchema } from '../policies/common/target-ref.ts';
import { type Conf, isObject } from './conf.ts';
import { type Role, rankPolicy, roleOf } from './rank.ts';

/** What matching must know of a type of policies; a `ResourceType` has it. */
export interface PolicyKind {
  /** Such as `MeshTimeout`. */
  readonly name: string;
  readonly policy?: {
    /** Its `from` is a list of rules too, for it only ever targets the whole mesh. */
    readonly isFromAsRules: boolean;
  };
}

/** An entry of `to` or `from`. */
export interface PolicyItem {
  readonly targetRef: TargetRef;
  readonly conf: Conf;
}

/** A policy as matching sees it, whatever its type. */
export interface Policy {
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The whole mesh where the policy has none. */
  readonly targetRef: TargetRef;
  readonly to: readonly PolicyItem[];
  readonly from: readonly PolicyItem[];
  /** The `default` of each entry of `rules`. */
  readonly rules: readonly Conf[];
  readonly role: Role;
}

const conf = z.custom<Conf>(isObject);
const items = z.array(z.object({ targetRef: targetRefSchema, default: conf.prefault({}) })).prefault([]);
const schema = z.object({
  targetRef: targetRefSchema.prefault({ kind: 'Mesh' }),
  to: items,
  from: items,
  rules: z.array(z.object({ default: conf.prefault({}) })).prefault([]),
});

const whole: TargetRef = { kind: 'Mesh' };
const parsed = new WeakMap<Resource, Policy | undefined>();

/** Reads a policy of any type; undefined where it has not the form of one. Read once a resource. */
export function policyOf(resource: Resource): Policy | undefined {
  if (!parsed.has(resource)) {
    parsed.set(resource, read(resource));
  }
  return parsed.get(resource);
}

function read({ type, mesh, name, labels, spec }: Resource): Policy | undefined {
  const result = schema.safeParse(spec);
  if (!result.success) {
    return undefined;
  }
  const { targetRef = whole, to, from, rules } = result.data;
  const item = (entry: (typeof to)[number]): PolicyItem => ({
    targetRef: entry.targetRef,
    conf: entry.default,
  });
  return {
    type,
    mesh,
    name,
    labels,
    targetRef,
    to: to.map(item),
    from: from.map(item),
    rules: rules.map((rule) => rule.default),
    role: roleOf(labels),
  };
}

/**
 * All policies of one type, the least specific first, so that later ones win. Those that only cast a shadow are left
 * out.
 */
export function rankedPolicies(resources: ReadonlyMap<string, Resource>): readonly Policy[] {
  return [...resources.values()]
    .filter((resource) => !isShadow(resource))
    .flatMap((resource) => policyOf(resource) ?? [])
    .sort(rankPolicy);
}

/** Whether a policy is there to be looked at and changes nothing (the label `kuma.io/effect: shadow`). */
export function isShadow({ labels }: Resource): boolean {
  return labels[labelNames.effect] === 'shadow';
}
