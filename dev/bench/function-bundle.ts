import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';
import * as z from 'zod';

/** A function's bundle, made as a deployment makes it. */
export interface FunctionBundle {
  /** The module that has the handler; what it imports lies beside it. */
  readonly file: string;
  /** Bytes of all that is read before the handler can be called. */
  readonly startBytes: number;
  /** Bytes of all, with what is loaded when it is needed. */
  readonly bytes: number;
  /** Every source with the bytes that it has in the bundle; its path starts at the project, or at `node_modules`. */
  readonly sources: ReadonlyMap<string, number>;
  remove(): void;
}

const settingsSchema = z.object({
  custom: z.object({
    esbuild: z.object({
      bundle: z.boolean(),
      minify: z.boolean(),
      format: z.literal('esm'),
      outputFileExtension: z.string(),
      platform: z.literal('node'),
      target: z.string(),
      mainFields: z.array(z.string()),
      splitting: z.boolean(),
      chunkNames: z.string(),
      banner: z.object({ js: z.string() }),
    }),
  }),
});

/** What `serverless.yml` tells esbuild, but for source maps. */
function settings(project: string): BuildOptions {
  const file = readFileSync(join(project, 'serverless.yml'), 'utf8');
  const { outputFileExtension, ...options } = settingsSchema.parse(parse(file, { logLevel: 'error' })).custom
    .esbuild;
  return { ...options, outExtension: { '.js': outputFileExtension } };
}

/** Bundles an entry with all that it needs, as `serverless.yml` of the project says, into a folder for it alone. */
export async function bundleFunction(project: string, entry: string): Promise<FunctionBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'kumulus-bundle-'));
  const { outputs } = (
    await build({
      ...settings(project),
      absWorkingDir: project,
      entryPoints: [entry],
      outdir: folder,
      logLevel: 'warning',
      metafile: true,
    })
  ).metafile;
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const sources = new Map<string, number>();
  for (const { inputs } of byName.values()) {
    for (const [source, { bytesInOutput }] of Object.entries(inputs)) {
      const at = source.lastIndexOf('node_modules/');
      const path = at < 0 ? source : source.slice(at);
      sources.set(path, (sources.get(path) ?? 0) + bytesInOutput);
    }
  }
  const name = readdirSync(folder).find((file) => file.startsWith(`${basename(entry, '.ts')}.`)) ?? '';
  const started = new Set([name]);
  for (const file of started) {
    for (const { path, kind } of byName.get(file)?.imports ?? []) {
      if (kind === 'import-statement' && byName.has(basename(path))) {
        started.add(basename(path));
      }
    }
  }
  const size = (files: Iterable<string>) =>
    [...files].reduce((sum, file) => sum + (byName.get(file)?.bytes ?? 0), 0);
  return {
    file: join(folder, name),
    startBytes: size(started),
    bytes: size(byName.keys()),
    sources,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Adds up sources by package, or by folder of ours two deep; the largest first. */
export function bundleParts({ sources }: FunctionBundle): readonly { name: string; bytes: number }[] {
  const parts = new Map<string, number>();
  for (const [source, bytes] of sources) {
    const path = source.replace(/^node_modules\//, '');
    const depth = path === source || path.startsWith('@') ? 2 : 1;
    const name = path.split('/').slice(0, depth).join('/');
    parts.set(name, (parts.get(name) ?? 0) + bytes);
  }
  return [...parts].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}
