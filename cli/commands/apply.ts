import { Command, InvalidArgumentError, Option } from 'commander';
import { readVariables } from '../../dp/template-variables.ts';
import { DurationError, parseMilliseconds } from '../../src/model/duration.ts';
import { KumulusError } from '../../src/model/errors.ts';
import { applyAll } from '../apply/apply-all.ts';
import { changeLines, summaryLine } from '../apply/apply-answer.ts';
import { batchesOf } from '../apply/batches.ts';
import { readDocuments } from '../apply/read-documents.ts';
import { waitedLine, waitForProxies } from '../apply/wait.ts';
import type { TargetOptions } from '../config/target.ts';
import { type Format, formatted, outputOption } from '../output/format.ts';
import type { Surroundings } from '../surroundings.ts';
import { connected, repeated, withTarget } from './connected.ts';

interface ApplyOptions extends TargetOptions {
  readonly file: readonly string[];
  readonly var: readonly string[];
  readonly prune: readonly string[];
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly output: Format;
}

const examples = `
Examples:
  A folder, and what it would change first:
    $ kumulus apply -f mesh/ --dry-run
    $ kumulus apply -f mesh/

  Until every connected proxy has taken it:
    $ kumulus apply -f mesh/ --wait --timeout 2m

  All that a pipeline owns, and nothing else of what it once owned:
    $ kumulus apply -f mesh/ --prune team.example/owner=shop
`;

/** `kumulus apply`. */
export function applyCommand(surroundings: Surroundings): Command {
  return withTarget(new Command('apply'))
    .description('create and change resources from files')
    .requiredOption(
      '-f, --file <path>',
      'a file, a folder, or - for the standard input; may be repeated',
      repeated,
      [],
    )
    .option('-v, --var <key=value>', 'a variable of the files, {{ key }}; may be repeated', repeated, [])
    .option('--dry-run', 'only show what would change')
    .option(
      '--prune <label=value>',
      'delete what has this label and is in none of the files; may be repeated',
      repeated,
      [],
    )
    .addOption(
      new Option('--wait', 'wait until all connected proxies have what was applied').conflicts('dryRun'),
    )
    .addOption(
      new Option('--timeout <duration>', 'how long --wait waits')
        .argParser(readTimeout)
        .default(60_000, '60s'),
    )
    .addOption(outputOption())
    .addHelpText('after', examples)
    .action(async (options: ApplyOptions) => {
      const documents = await readDocuments(
        options.file,
        readVariables(options.var, '--var'),
        surroundings.stdin,
      );
      if (documents.length === 0) {
        throw new KumulusError('bad_request', 'there is nothing to apply');
      }
      await connected(options, surroundings, async (client, mesh) => {
        const batches = batchesOf(documents, mesh);
        const { changes, revisions } = await applyAll(client, batches, options, surroundings);
        const { dryRun = false } = options;
        for (const warning of changes.flatMap(({ warnings = [] }) => warnings)) {
          surroundings.note(`Warning: ${warning}\n`);
        }
        if (options.output === 'table') {
          surroundings.out(changeLines(changes, dryRun));
        }
        surroundings.note(`${summaryLine(changes, dryRun)}\n`);
        const meshes = [...new Set(batches.map((batch) => batch.mesh))].filter((name) => name !== '');
        const waited =
          options.wait === true
            ? await waitForProxies(
                client,
                new Map(meshes.map((name) => [name, revisions.get(name)])),
                options.timeout,
                surroundings,
              )
            : undefined;
        if (options.output !== 'table') {
          const { propagation } = waited ?? {};
          const result = { dryRun, changes, ...(propagation !== undefined && { propagation }) };
          surroundings.out(formatted(options.output, result, () => ''));
        }
        if (waited?.error !== undefined) {
          throw waited.error;
        }
        if (waited !== undefined) {
          surroundings.note(`${waitedLine(waited.propagation)}\n`);
        }
      });
    });
}

/** @throws KumulusError in the words of commander's own refusals. */
function readTimeout(text: string): number {
  try {
    return parseMilliseconds(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof DurationError ? error.message : String(error));
  }
}
