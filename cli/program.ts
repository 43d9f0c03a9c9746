import { Command } from 'commander';
import { version } from '../dp/version.ts';
import { applyCommand } from './commands/apply.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { deleteCommand } from './commands/delete.ts';
import { exportCommand } from './commands/export.ts';
import { generateCommand } from './commands/generate.ts';
import { getCommand } from './commands/get.ts';
import { inspectCommand } from './commands/inspect.ts';
import { tenantsCommand } from './commands/tenants.ts';
import { dpCommand } from './dp-command.ts';
import type { Surroundings } from './surroundings.ts';
import { versionCommand } from './version-command.ts';

/** The command `kumulus` with all below it. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('kumulus')
    .description('Kumulus: the Kuma control plane without servers')
    .version(version)
    .addCommand(applyCommand(surroundings))
    .addCommand(getCommand(surroundings))
    .addCommand(deleteCommand(surroundings))
    .addCommand(inspectCommand(surroundings))
    .addCommand(generateCommand(surroundings))
    .addCommand(tenantsCommand(surroundings))
    .addCommand(exportCommand(surroundings))
    .addCommand(configCommand(surroundings))
    .addCommand(dpCommand(surroundings.setExitCode))
    .addCommand(versionCommand((line) => surroundings.out(`${line}\n`)))
    .showSuggestionAfterError()
    .showHelpAfterError('Add --help to see what there is.');
  return program.addCommand(completionCommand(program, surroundings));
}
