// `npm run fuzz`: requests made up from the OpenAPI document, and every answer checked against it. Ends with 1 on findings.
import { projectRoot } from '../dp/project-root.ts';
import { isKumulusError } from '../src/model/errors.ts';
import { fuzz } from './fuzz/fuzz.ts';
import { FuzzUsageError, parseFuzzOptions, usage } from './fuzz/options.ts';
import { installTools } from './tools/install.ts';

try {
  const options = parseFuzzOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
  } else {
    const say = (line: string) => console.log(line);
    await installTools('fuzz', { root: projectRoot() ?? process.cwd(), env: process.env, say });
    const { requests, seconds, statuses, slowest, findings } = await fuzz(options, say);
    const counts = [...statuses].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(findings.join('\n'));
    console.log(
      [
        `${requests} requests with seed ${options.seed} in ${seconds.toFixed(0)} s, ${findings.length === 0 ? 'no findings' : 'with findings'}`,
        `answers: ${counts.map(([status, count]) => `${count} × ${status}`).join(', ')}`,
        `the slowest: ${slowest.seconds.toFixed(2)} s, ${slowest.request}`,
      ].join('\n'),
    );
    process.exitCode = findings.length === 0 ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof FuzzUsageError) && !isKumulusError(error)) {
    throw error;
  }
  console.error(error instanceof FuzzUsageError ? `fuzz: ${error.message}\n\n${usage}` : error.message);
  process.exitCode = 2;
}
