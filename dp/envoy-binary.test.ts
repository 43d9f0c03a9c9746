import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEnvoy } from './envoy-binary.ts';

let root = '';
const program = (...path: string[]) => join(root, ...path);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kumulus-envoy-'));
  for (const folder of ['asked', 'named', 'path', '.cache/python/envoy/_bin', 'empty']) {
    mkdirSync(program(folder), { recursive: true });
    if (folder === 'empty') continue;
    writeFileSync(program(folder, 'envoy'), '');
    chmodSync(program(folder, 'envoy'), 0o755);
  }
  writeFileSync(program('empty', 'text'), '');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('findEnvoy', () => {
  const find = (binaryPath: string | undefined, named: string | undefined, path: string) =>
    findEnvoy({ binaryPath, root, env: { ENVOY_PATH: named, PATH: path } });

  it('takes the one that was asked for, then ENVOY_PATH, then PATH, then the cache', () => {
    const [asked, named] = [program('asked', 'envoy'), program('named', 'envoy')];
    expect(find(asked, named, program('path'))).toBe(asked);
    expect(find(undefined, named, program('path'))).toBe(named);
    expect(find(undefined, undefined, `${program('empty')}:${program('path')}`)).toBe(
      program('path', 'envoy'),
    );
    expect(find(undefined, '', program('empty'))).toBe(program('.cache/python/envoy/_bin/envoy'));
    expect(find('envoy', undefined, program('path'))).toBe(program('path', 'envoy'));
  });

  it('does not fall back from one that was asked for', () => {
    expect(() => find('/none/envoy', undefined, program('path'))).toThrow(
      'no Envoy at /none/envoy (from --binary-path)',
    );
    expect(() => find(undefined, '/none/envoy', program('path'))).toThrow(
      'no Envoy at /none/envoy (from ENVOY_PATH)',
    );
    expect(() => find(program('empty', 'text'), undefined, '')).toThrow(/no Envoy at/);
    expect(() => find(program('asked'), undefined, '')).toThrow(/no Envoy at/);
  });

  it('says how to name one where there is none', () => {
    const nowhere = { root: program('empty'), env: { PATH: '' } };
    expect(() => findEnvoy(nowhere)).toThrow(
      'no Envoy found: put envoy on PATH, or name it with --binary-path or ENVOY_PATH',
    );
  });
});
