import { serviceTag } from '../model/tags.ts';
import type { TargetRef } from '../policies/common/target-ref.ts';
import { maximalCliques } from './cliques.ts';
import { type Conf, mergeConfs } from './conf.ts';
import type { Policy } from './policy.ts';
import {
  countPositive,
  intersect,
  isSubset,
  partition,
  partitionSize,
  type Subset,
  subsetOf,
  subsetText,
  type TagCondition,
} from './subset.ts';

/** One entry of a policy's `to` or `from`. */
export interface SubsetEntry {
  readonly policy: Policy;
  readonly targetRef: TargetRef;
  readonly conf: Conf;
}

/** What is said about the members of one subset: clients for `from`, services for `to`. */
export interface SubsetRule {
  readonly subset: Subset;
  readonly conf: Conf;
  /** The policies that it was merged from, the most specific last, each once. */
  readonly origin: readonly Policy[];
}

export interface SubsetRules {
  readonly rules: readonly SubsetRule[];
  /** Present where entries were left out, and says why. */
  readonly warning?: string;
}

/** More combinations of tags than these are not worked out: each could become a rule in every inbound of the mesh. */
export const maxCombinations = 4096;

/**
 * Rules from entries that target subsets by tags, the most specific first. Entries are given the least specific first
 * and merge in that order. With `negations` the rules do not overlap, so that each can stand for itself (Kuma's
 * decision record 007); without, the first that contains something is the one that counts.
 */
export function subsetRules(entries: readonly SubsetEntry[], negations: boolean): SubsetRules {
  const known = entries.flatMap((entry) => {
    const subset = entrySubset(entry.targetRef);
    return subset === undefined ? [] : [{ entry, subset }];
  });
  if (known.length === 0) {
    return { rules: [] };
  }
  const keys = new Set(known.flatMap(({ subset }) => subset.map(({ key }) => key)));
  if (!negations && keys.size <= 1) {
    const distinct = new Map(known.map(({ subset }) => [subsetText(subset), subset] as const));
    const rules = [...distinct.values()].flatMap((subset) => ruleFor(subset, known));
    return { rules: rules.sort((a, b) => b.subset.length - a.subset.length) };
  }
  const subsets = partitions(known.map(({ subset }) => subset));
  if (subsets === undefined) {
    const names = new Set(known.map(({ entry }) => entry.policy.name));
    return {
      rules: [],
      warning: `the tags in ${[...names].join(', ')} combine in more than ${maxCombinations} ways`,
    };
  }
  const rules = subsets.flatMap((subset) => ruleFor(subset, known));
  return { rules: rules.sort((a, b) => countPositive(b.subset) - countPositive(a.subset)) };
}

/** The subsets that every group of overlapping entries divides its members into; undefined where they are too many. */
function partitions(subsets: readonly Subset[]): readonly Subset[] | undefined {
  const overlap = (a: number, b: number) => intersect(subsets[a] ?? [], subsets[b] ?? []);
  const groups = maximalCliques(subsets.length, overlap, maxCombinations);
  if (groups === undefined) {
    return undefined;
  }
  const result: Subset[] = [];
  for (const group of groups) {
    const conditions = distinctConditions(group.flatMap((node) => subsets[node] ?? []));
    if (result.length + partitionSize(conditions) > maxCombinations) {
      return undefined;
    }
    result.push(...partition(conditions));
  }
  return result;
}

function distinctConditions(conditions: readonly TagCondition[]): readonly TagCondition[] {
  const byText = new Map(conditions.map((condition) => [JSON.stringify(condition), condition] as const));
  return [...byText.values()].sort(
    (a, b) =>
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0),
  );
}

function ruleFor(
  subset: Subset,
  entries: readonly { readonly entry: SubsetEntry; readonly subset: Subset }[],
): readonly SubsetRule[] {
  const relevant = entries.filter((other) => isSubset(subset, other.subset)).map(({ entry }) => entry);
  return relevant.length === 0
    ? []
    : [
        {
          subset,
          conf: mergeConfs(relevant.map(({ conf }) => conf)),
          origin: [...new Set(relevant.map(({ policy }) => policy))],
        },
      ];
}

/** The subset that a targetRef of the older kinds stands for; undefined for kinds that stand for resources. */
function entrySubset({ kind, name = '', tags = {} }: TargetRef): Subset | undefined {
  switch (kind) {
    case 'Mesh':
      return [];
    case 'MeshSubset':
      return subsetOf(tags);
    case 'MeshService':
      return subsetOf({ [serviceTag]: name });
    case 'MeshServiceSubset':
      return [...subsetOf({ [serviceTag]: name }), ...subsetOf(tags)];
    default:
      return undefined;
  }
}
