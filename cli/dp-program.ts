import { Command } from 'commander';
import { version } from '../dp/version.ts';
import { dpCommand } from './dp-command.ts';
import type { Surroundings } from './surroundings.ts';

/** The command `kumulus` with `dp` alone. */
export function createDpProgram({ setExitCode }: Pick<Surroundings, 'setExitCode'>): Command {
  return new Command('kumulus').version(version).addCommand(dpCommand(setExitCode)).showHelpAfterError();
}
