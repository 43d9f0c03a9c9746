// Installs into .cache what the tests need, or with --envoy-only what the quickstart needs. Silent where all is there.
import { projectRoot } from '../dp/project-root.ts';
import { isKumulusError } from '../src/model/errors.ts';
import { installTools } from './tools/install.ts';
import { installOsls } from './tools/osls.ts';

const root = projectRoot() ?? process.cwd();
const isAll = !process.argv.includes('--envoy-only');

try {
  await installTools(isAll ? 'all' : 'envoy', {
    root,
    env: process.env,
    say: (line) => console.log(line),
  });
  // For the tests of what is deployed.
  if (isAll) installOsls(root);
} catch (error) {
  if (!isKumulusError(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
