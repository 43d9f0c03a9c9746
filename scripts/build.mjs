// Bundles the programs into dist/: one file an entry, dependencies left to node_modules.
// Runs on `npm ci` (prepare) and before every start, in well under a second.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const programs = {
  'dev/main': 'dev/main.ts',
  'dev/quickstart': 'dev/quickstart.ts',
  'dev/quickstart/redis': 'dev/quickstart/redis.ts',
  'dev/quickstart/backend': 'dev/quickstart/backend.ts',
  'dev/bench': 'dev/bench.ts',
  'dev/cost': 'dev/cost.ts',
  'dev/reseal': 'dev/reseal.ts',
  'dev/fetch-tools': 'dev/fetch-tools.ts',
  'dev/fuzz': 'dev/fuzz.ts',
  'dev/osls': 'dev/osls.ts',
  'dev/deploy': 'dev/deploy.ts',
  'dev/remove': 'dev/remove.ts',
  'dev/logs': 'dev/logs.ts',
  'dev/rollback': 'dev/rollback.ts',
  'dev/deploy/functions-plugin': 'dev/deploy/functions-plugin.ts',
  'dev/fuzz/lambda-server': 'dev/fuzz/lambda-server.ts',
  'cli/main': 'cli/main.ts',
  'xds-relay/main': 'xds-relay/main.ts',
  'functions/api': 'functions/api.ts',
  'functions/jobs': 'functions/jobs.ts',
};

// A program whose entry is not written yet is left out, so that the others can be built and run.
const entries = Object.fromEntries(Object.entries(programs).filter(([, source]) => existsSync(source)));

const { metafile } = await build({
  entryPoints: entries,
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
  metafile: true,
});

// What earlier builds left goes last, so that a program that starts meanwhile finds all of its files.
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && metafile.outputs[file] === undefined) rmSync(file, { force: true });
}
