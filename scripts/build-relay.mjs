// Bundles the relay and its health check with all that they need into .build/relay, or the folder that is told. It is all that the
// relay's image has beside Node (infra/Dockerfile).
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const folder = process.argv[2] ?? '.build/relay';
rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: { relay: 'xds-relay/main.ts', 'health-check': 'xds-relay/health-check.ts' },
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  // The packages' ES modules, of which only what is used stays.
  mainFields: ['module', 'main'],
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  // Not minified: Node writes the line that failed into the log, and stacks are read there without source maps.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
