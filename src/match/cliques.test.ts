import { describe, expect, it } from 'vitest';
import { maximalCliques } from './cliques.ts';

function cliques(count: number, edges: readonly string[], most = 100) {
  const known = new Set(edges.flatMap((edge) => [edge, [...edge].reverse().join('')]));
  return maximalCliques(count, (a, b) => known.has(`${a}${b}`), most)?.map((clique) => clique.join(':'));
}

describe('maximalCliques', () => {
  it.each([
    [1, [], ['0']],
    [3, [], ['2', '1', '0']],
    [3, ['01', '12'], ['1:2', '0:1']],
    [3, ['01', '12', '02'], ['0:1:2']],
    [5, ['01', '02', '12', '23', '34'], ['3:4', '2:3', '0:1:2']],
  ] as const)('of %i nodes with %j', (count, edges, expected) => {
    expect(cliques(count, edges)).toEqual(expected);
  });

  it('are in the order of their text, not of their numbers', () => {
    expect(cliques(11, [])?.slice(0, 3)).toEqual(['9', '8', '7']);
  });

  it('are not looked for beyond the limit', () => {
    expect(cliques(5, [], 5)).toHaveLength(5);
    expect(cliques(6, [], 5)).toBeUndefined();
  });

  it('are every one of them, compared with trying all groups', () => {
    const edges = ['01', '02', '03', '12', '13', '24', '25', '45', '35'];
    const linked = new Set(edges.flatMap((edge) => [edge, [...edge].reverse().join('')]));
    const groups = Array.from({ length: 2 ** 6 - 1 }, (_, bits) =>
      [0, 1, 2, 3, 4, 5].filter((node) => ((bits + 1) >> node) & 1),
    );
    const complete = groups.filter((group) =>
      group.every((a) => group.every((b) => a === b || linked.has(`${a}${b}`))),
    );
    const maximal = complete.filter(
      (group) =>
        !complete.some((other) => other.length > group.length && group.every((node) => other.includes(node))),
    );
    expect(new Set(cliques(6, edges))).toEqual(new Set(maximal.map((group) => group.join(':'))));
  });
});
