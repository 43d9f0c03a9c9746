// Installs into .cache what the tests need, or with --envoy-only what the quickstart needs. Silent where all is there.
import { projectRoot } from '../dp/project-root.ts';
import { isKumulusError } from '../src/model/errors.ts';
import { installTools } from './tools/install.ts';

try {
  await installTools(process.argv.includes('--envoy-only') ? 'envoy' : 'all', {
    root: projectRoot() ?? process.cwd(),
    env: process.env,
    say: (line) => console.log(line),
  });
} catch (error) {
  if (!isKumulusError(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
