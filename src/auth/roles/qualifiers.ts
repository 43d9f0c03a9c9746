import * as z from 'zod';
import type { AccessQualifier, TargetQualifier } from '../../model/types/access-role/schema.ts';
import type { NewDataplaneClaims } from '../../tokens/requests.ts';

/** A `targetRef` as far as qualifiers look at it. Specs have been validated; one that reads otherwise matches nothing. */
const targetRefSchema = z.object({
  kind: z.string(),
  name: z.string().optional(),
  namespace: z.string().optional(),
  sectionName: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
});
type TargetRef = z.output<typeof targetRefSchema>;

const wholeMesh: TargetRef = { kind: 'Mesh' };
const target = targetRefSchema.nullish().transform((ref): TargetRef => ref ?? wholeMesh);
const targets = z.array(z.object({ targetRef: target })).nullish();

const policySchema = z.object({
  targetRef: target,
  to: targets,
  from: targets,
  rules: z.array(z.unknown()).nullish(),
});

const selectors = z.array(z.object({ match: z.record(z.string(), z.string()).default({}) })).nullish();
const olderPolicySchema = z.object({ sources: selectors, destinations: selectors, selectors });

/** One thing that a policy says: an item of one of its lists, or its only configuration. */
interface Part {
  readonly list: 'to' | 'from' | 'other';
  readonly targetRef: TargetRef;
}

/**
 * Whether a resource is within the qualifiers of a rule: everything that a policy says has to be covered by one of them,
 * so an item of `to` that none is about takes the policy out. A qualifier with `to` covers items of `to` alone, one with
 * `from` those of `from`; one with neither covers all.
 *
 * @param isTargetRefPolicy whether the type is one of Kuma's newer policies; others are held against the older qualifiers.
 */
export function qualifiesSpec(
  when: readonly AccessQualifier[],
  spec: unknown,
  isTargetRefPolicy: boolean,
): boolean {
  return (
    when.length === 0 || (isTargetRefPolicy ? qualifiesPolicy(when, spec) : qualifiesOlderPolicy(when, spec))
  );
}

/** Whether a dataplane token is within the qualifiers of a rule: one of them has to limit it. */
export function qualifiesToken(
  when: readonly AccessQualifier[],
  claims: Pick<NewDataplaneClaims, 'Tags' | 'Workload'>,
): boolean {
  return (
    when.length === 0 || when.some(({ dpToken }) => dpToken !== undefined && limitsToken(dpToken, claims))
  );
}

function qualifiesPolicy(when: readonly AccessQualifier[], spec: unknown): boolean {
  const parsed = policySchema.safeParse(spec);
  if (!parsed.success) return false;
  const { targetRef, to, from, rules } = parsed.data;
  const parts: Part[] = [
    ...(to ?? []).map((item): Part => ({ list: 'to', ...item })),
    ...(from ?? []).map((item): Part => ({ list: 'from', ...item })),
    ...(rules ?? []).map((): Part => ({ list: 'other', targetRef: wholeMesh })),
  ];
  const covered = (part: Part) => when.some((qualifier) => coversPart(qualifier, targetRef, part));
  return parts.length === 0 ? covered({ list: 'other', targetRef: wholeMesh }) : parts.every(covered);
}

function coversPart({ targetRef, to, from }: AccessQualifier, attached: TargetRef, part: Part): boolean {
  if (targetRef !== undefined && !coversTarget(targetRef, attached)) return false;
  if (to !== undefined) return part.list === 'to' && coversTarget(to.targetRef, part.targetRef);
  if (from !== undefined) return part.list === 'from' && coversTarget(from.targetRef, part.targetRef);
  return targetRef !== undefined;
}

/** Whatever a qualifier names, the policy must name too; it may name more, for then it is about less. */
function coversTarget(qualifier: TargetQualifier, { tags = {}, labels = {}, ...ref }: TargetRef): boolean {
  return (
    qualifier.kind === ref.kind &&
    (qualifier.name === undefined || qualifier.name === ref.name) &&
    (qualifier.namespace === undefined || qualifier.namespace === ref.namespace) &&
    (qualifier.sectionName === undefined || qualifier.sectionName === ref.sectionName) &&
    containsTags(tags, qualifier.tags ?? {}) &&
    containsTags(labels, qualifier.labels ?? {})
  );
}

/** Of the older policies every selector of a list must be within the qualifier. */
function qualifiesOlderPolicy(when: readonly AccessQualifier[], spec: unknown): boolean {
  const parsed = olderPolicySchema.safeParse(spec);
  if (!parsed.success) return false;
  const { data } = parsed;
  const lists = (['sources', 'destinations', 'selectors'] as const).filter(
    (list) => (data[list] ?? []).length > 0,
  );
  return (
    lists.length > 0 &&
    when.some(
      (qualifier) =>
        qualifier.targetRef === undefined &&
        qualifier.to === undefined &&
        qualifier.from === undefined &&
        qualifier.dpToken === undefined &&
        lists.some((list) => qualifier[list] !== undefined) &&
        (['sources', 'destinations', 'selectors'] as const).every((list) => {
          const wanted = qualifier[list]?.match;
          const given = data[list] ?? [];
          return wanted === undefined
            ? list !== 'selectors' || given.length === 0
            : given.length > 0 && given.every(({ match }) => containsTags(match, wanted));
        }),
    )
  );
}

function limitsToken(
  { tags = [], workload }: NonNullable<AccessQualifier['dpToken']>,
  claims: Pick<NewDataplaneClaims, 'Tags' | 'Workload'>,
): boolean {
  if (workload !== undefined && workload !== claims.Workload) return false;
  return tags.every(({ name }) => {
    const given = (Object.hasOwn(claims.Tags, name) ? claims.Tags[name] : undefined) ?? [];
    const allowed = tags.filter((tag) => tag.name === name).map(({ value }) => value);
    return given.length > 0 && (allowed.includes('*') || given.every((value) => allowed.includes(value)));
  });
}

/** Whether all wanted tags are there; `*` wants any value, as in Kuma's selectors. */
function containsTags(
  given: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => Object.hasOwn(given, name) && (value === '*' || given[name] === value),
  );
}
