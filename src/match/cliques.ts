/**
 * The largest groups of nodes that are all connected with one another (Bron and Kerbosch, 1973, with pivoting). Nodes
 * are numbered from 0; each group is in ascending order, and the groups are in descending order of their text `0:2:5`,
 * which is the order in which Kuma works them off.
 *
 * Their number can grow beyond all bounds, so the search stops when it has found more than `most`.
 *
 * @returns undefined where there are more than `most`.
 */
export function maximalCliques(
  count: number,
  connected: (a: number, b: number) => boolean,
  most: number,
): readonly (readonly number[])[] | undefined {
  const neighbours = Array.from({ length: count }, (_, a) => {
    const others = new Set<number>();
    for (let b = 0; b < count; b++) {
      if (a !== b && connected(a, b)) {
        others.add(b);
      }
    }
    return others;
  });
  const found: number[][] = [];
  const near = (node: number): ReadonlySet<number> => neighbours[node] ?? new Set();

  function extend(clique: readonly number[], candidates: Set<number>, excluded: Set<number>): boolean {
    if (candidates.size === 0 && excluded.size === 0) {
      found.push([...clique].sort((a, b) => a - b));
      return found.length <= most;
    }
    const pivot = near(mostConnected(candidates, excluded, near));
    for (const node of [...candidates].filter((candidate) => !pivot.has(candidate))) {
      const around = near(node);
      if (!extend([...clique, node], common(candidates, around), common(excluded, around))) {
        return false;
      }
      candidates.delete(node);
      excluded.add(node);
    }
    return true;
  }

  if (!extend([], new Set(Array.from({ length: count }, (_, node) => node)), new Set())) {
    return undefined;
  }
  return found
    .map((clique) => [clique, clique.join(':')] as const)
    .sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0))
    .map(([clique]) => clique);
}

function mostConnected(
  candidates: ReadonlySet<number>,
  excluded: ReadonlySet<number>,
  near: (node: number) => ReadonlySet<number>,
): number {
  let best = -1;
  let size = -1;
  for (const node of [...candidates, ...excluded]) {
    const shared = common(candidates, near(node)).size;
    if (shared > size) {
      best = node;
      size = shared;
    }
  }
  return best;
}

function common(a: ReadonlySet<number>, b: ReadonlySet<number>): Set<number> {
  const both = new Set<number>();
  for (const node of a) {
    if (b.has(node)) {
      both.add(node);
    }
  }
  return both;
}
