import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, type JsonPatchOperation, pointerTo } from './operation.ts';

/** Lists whose lengths multiply to more are replaced as a whole: to compare them all would cost too much. */
const maxComparisons = 250_000;

/**
 * The JSON patch (RFC 6902) that makes one JSON value of another: `add`, `remove` and `replace` only. Elements of lists that have the
 * same `name`, as containers and volumes have in Kubernetes, are the same element, so what stands in between moves nothing.
 */
export function jsonPatchBetween(before: unknown, after: unknown, path = ''): readonly JsonPatchOperation[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) return betweenObjects(before, after, path);
  if (Array.isArray(before) && Array.isArray(after) && before.length * after.length <= maxComparisons) {
    return betweenLists(before, after, path);
  }
  return [{ op: 'replace', path, value: after }];
}

function betweenObjects(before: JsonObject, after: JsonObject, path: string): readonly JsonPatchOperation[] {
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return [
    ...gone.map((name) => ({ op: 'remove' as const, path: pointerTo(path, name) })),
    ...Object.entries(after).flatMap(([name, value]): readonly JsonPatchOperation[] =>
      Object.hasOwn(before, name)
        ? jsonPatchBetween(before[name], value, pointerTo(path, name))
        : [{ op: 'add', path: pointerTo(path, name), value }],
    ),
  ];
}

function betweenLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
): readonly JsonPatchOperation[] {
  const common = commonLengths(before, after);
  const operations: JsonPatchOperation[] = [];
  let old = 0;
  // Where the next element is in the list as the operations so far leave it: it is `after` up to here.
  let at = 0;
  while (old < before.length || at < after.length) {
    const mayDrop = old < before.length ? common(old + 1, at) : -1;
    const mayAdd = at < after.length ? common(old, at + 1) : -1;
    if (mayDrop >= 0 && mayAdd >= 0 && isSame(before[old], after[at])) {
      operations.push(...jsonPatchBetween(before[old], after[at], pointerTo(path, at)));
      old += 1;
      at += 1;
    } else if (mayAdd >= mayDrop) {
      operations.push({ op: 'add', path: pointerTo(path, at), value: after[at] });
      at += 1;
    } else {
      operations.push({ op: 'remove', path: pointerTo(path, at) });
      old += 1;
    }
  }
  return operations;
}

/** How many elements two lists have in common, in order, from given positions on (the longest common subsequence). */
function commonLengths(
  before: readonly unknown[],
  after: readonly unknown[],
): (old: number, at: number) => number {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const length = (old: number, at: number) => lengths[old * width + at] ?? 0;
  for (let old = before.length - 1; old >= 0; old -= 1) {
    for (let at = after.length - 1; at >= 0; at -= 1) {
      lengths[old * width + at] = isSame(before[old], after[at])
        ? length(old + 1, at + 1) + 1
        : Math.max(length(old + 1, at), length(old, at + 1));
    }
  }
  return length;
}

function isSame(before: unknown, after: unknown): boolean {
  if (isJsonObject(before) && isJsonObject(after) && typeof before.name === 'string') {
    return before.name === after.name;
  }
  return isDeepStrictEqual(before, after);
}
