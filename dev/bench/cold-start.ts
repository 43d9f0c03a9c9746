import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** A function's bundle, made as a deployment makes it. */
export interface FunctionBundle {
  readonly file: string;
  readonly bytes: number;
  /** Sources of ours and packages, the largest first, with the bytes that each has in the bundle. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
  remove(): void;
}

/** The package or the folder of ours that a source belongs to. */
function partOf(source: string): string {
  const at = source.lastIndexOf('node_modules/');
  const path = at < 0 ? source : source.slice(at + 'node_modules/'.length);
  const depth = at < 0 ? 2 : path.startsWith('@') ? 2 : 1;
  return path.split('/').slice(0, depth).join('/');
}

/** Bundles an entry with all that it needs into one file, as `serverless.yml` says. */
export async function bundleFunction(entry: string): Promise<FunctionBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-bundle-'));
  const file = join(folder, 'index.mjs');
  const { metafile } = await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    metafile: true,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const parts = new Map<string, number>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [source, { bytesInOutput }] of Object.entries(output.inputs)) {
      parts.set(partOf(source), (parts.get(partOf(source)) ?? 0) + bytesInOutput);
    }
  }
  return {
    file,
    bytes: readFileSync(file).byteLength,
    parts: [...parts].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const program = (file: string, event: string) => `
const start = performance.now();
const { handler } = await import(${JSON.stringify(`file://${file}`)});
const loaded = performance.now();
const answer = await handler(${event});
process.stdout.write(JSON.stringify({ load: loaded - start, answer: performance.now() - loaded, status: answer.statusCode }));
process.exit(0);
`;

/** Milliseconds of a cold start: loading the function, and its first answer. */
export interface ColdStart {
  readonly load: number;
  readonly answer: number;
  readonly status: number;
}

/** Starts a process of its own that loads the bundle and has it answer one event. */
export async function coldStart(
  file: string,
  event: unknown,
  environment: Readonly<Record<string, string>>,
): Promise<ColdStart> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program(file, JSON.stringify(event))],
    { env: { ...process.env, ...environment } },
  );
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as ColdStart;
}
