import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createCompiler } from '../../src/compile/create-compiler.ts';
import { snapshotToJson } from '../../src/compile/snapshot-json.ts';
import { compileAll, readMeshes } from './support/compile-fixture.ts';

/**
 * Resources in, Envoy's configuration out. `UPDATE_GOLDENS=1` writes what is expected anew; look at the difference before
 * it is committed.
 */
const folder = join(import.meta.dirname, '../../src/compile/testdata');
const input = '.input.yaml';
const golden = '.golden.yaml';
const update = process.env.UPDATE_GOLDENS === '1';

const files = readdirSync(folder);
const cases = files.filter((file) => file.endsWith(input)).map((file) => file.slice(0, -input.length));

describe('goldens of what proxies are given', () => {
  it('are there at all', () => {
    expect(cases).not.toHaveLength(0);
  });

  it.each(cases)('%s', (name) => {
    const meshes = readMeshes(readFileSync(join(folder, `${name}${input}`), 'utf8'));
    const compiled = compileAll(meshes, () => createCompiler());
    const text = stringify(
      Object.fromEntries(
        [...compiled].map(([proxy, { snapshot }]) => [proxy, sorted(snapshotToJson(snapshot))]),
      ),
      { lineWidth: 0, aliasDuplicateObjects: false },
    );
    const file = join(folder, `${name}${golden}`);
    if (update) {
      writeFileSync(file, text);
    }
    expect(existsSync(file), `${file} is missing; UPDATE_GOLDENS=1 writes it`).toBe(true);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('are all made from something', () => {
    const stale = files.filter((file) => !file.endsWith(input) && !cases.includes(file.replace(golden, '')));
    expect(stale).toEqual([]);
  });
});

/** Ordered by key, so that the files do not change with the order in which messages are written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}
