import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The layers, lowest first. A file may import from its own folder and from lower layers; folders on one line are
 * neighbours that must not know each other. ARCHITECTURE.md says why.
 */
const layers: readonly (readonly RegExp[])[] = [
  [/^src\/envoy\//],
  [/^src\/model\//],
  [/^src\/policies\/(?!.*apply(\.test)?\.ts$)/],
  [/^src\/kubernetes\//],
  [/^src\/store\//],
  [/^src\/secrets\//, /^src\/certificates\//, /^src\/events\//, /^src\/observability\//],
  [/^src\/tokens\//],
  [/^src\/auth\//],
  [/^src\/tenancy\//],
  [/^src\/context\//],
  [/^src\/insights\//],
  [/^src\/match\//],
  [/^src\/(compile\/|policies\/.*apply(\.test)?\.ts$)/],
  [/^src\/xds\//, /^src\/http\//, /^src\/jobs\//],
  [/^dp\//],
  [/^(functions|xds-relay|dev|cli)\//],
];

/** `src/envoy` knows no mesh, and the model knows no Envoy. */
const forbidden: readonly (readonly [from: RegExp, to: RegExp])[] = [
  [
    /^src\/(model|policies\/(?!.*apply)|store|secrets|certificates|tokens|auth|tenancy|context|insights)/,
    /^src\/envoy\//,
  ],
  [/^dp\//, /^src\/(store|context|match|compile|xds|http|jobs|tenancy)\//],
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = ['src', 'functions', 'xds-relay', 'dev', 'dp', 'cli'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const pattern = /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm;
  for (const [, type, statical, dynamic] of text.matchAll(pattern)) {
    const target = statical ?? dynamic;
    if (target !== undefined) {
      found.push({ from: file, to: normalize(join(dirname(file), target)), typeOnly: type !== undefined });
    }
  }
  return found;
}

const imports = files.flatMap((file) => importsOf(file, readFileSync(file, 'utf8')));

function place(file: string): { layer: number; neighbour: number } {
  for (const [layer, patterns] of layers.entries()) {
    const neighbour = patterns.findIndex((pattern) => pattern.test(file));
    if (neighbour >= 0) {
      return { layer, neighbour };
    }
  }
  throw new Error(`${file} is in no layer: give its folder a place in this test and in ARCHITECTURE.md`);
}

function breaksRule({ from, to }: Import): boolean {
  const source = place(from);
  const target = place(to);
  const upwards = target.layer > source.layer;
  const sideways = target.layer === source.layer && target.neighbour !== source.neighbour;
  return upwards || sideways || forbidden.some(([a, b]) => a.test(from) && b.test(to));
}

/** The first cycle of imports that remain at run time, as a list of files. */
function findCycle(edges: readonly Import[]): readonly string[] {
  const next = new Map<string, Import[]>();
  for (const edge of edges) {
    next.set(edge.from, [...(next.get(edge.from) ?? []), edge]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): readonly string[] | undefined => {
    const at = path.indexOf(file);
    if (at >= 0) {
      return [...path.slice(at), file];
    }
    if (done.has(file)) {
      return undefined;
    }
    path.push(file);
    for (const edge of next.get(file) ?? []) {
      const cycle = visit(edge.to);
      if (cycle !== undefined) {
        return cycle;
      }
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) {
      return cycle;
    }
  }
  return [];
}

describe('imports', () => {
  it('are found at all', () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(
      importsOf('src/a/b.ts', "import { x } from '../c/d.ts';\nexport type { y } from './e.ts';"),
    ).toEqual([
      { from: 'src/a/b.ts', to: 'src/c/d.ts', typeOnly: false },
      { from: 'src/a/b.ts', to: 'src/a/e.ts', typeOnly: true },
    ]);
  });

  it('point one way', () => {
    expect(imports.filter(breaksRule).map(({ from, to }) => `${from} must not import ${to}`)).toEqual([]);
  });

  it('make no cycle at run time', () => {
    expect(findCycle(imports.filter((edge) => !edge.typeOnly))).toEqual([]);
  });

  it('are told from each other: the rule sees what breaks it', () => {
    const wrong = (from: string, to: string) => breaksRule({ from, to, typeOnly: false });
    expect(wrong('src/match/a.ts', 'src/compile/b.ts')).toBe(true);
    expect(wrong('src/xds/a.ts', 'src/http/b.ts')).toBe(true);
    expect(wrong('src/store/a.ts', 'src/envoy/b.ts')).toBe(true);
    expect(wrong('src/policies/mesh-retry/schema.ts', 'src/compile/b.ts')).toBe(true);
    expect(wrong('src/policies/mesh-retry/apply.ts', 'src/match/b.ts')).toBe(false);
    expect(wrong('src/compile/a.ts', 'src/policies/mesh-retry/apply.ts')).toBe(false);
  });
});
