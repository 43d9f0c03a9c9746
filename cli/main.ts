#!/usr/bin/env node
import { Command } from 'commander';
import { version } from '../dp/version.ts';
import { isKumulusError } from '../src/model/errors.ts';
import { dpCommand } from './dp-command.ts';
import { versionCommand } from './version-command.ts';

// Whoever reads the output may go away; a proxy does not end because of that.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const program = new Command('kumulus')
  .description('Kumulus: the Kuma control plane without servers')
  .version(version)
  .addCommand(
    dpCommand((code) => {
      process.exitCode = code;
    }),
  )
  .addCommand(versionCommand((line) => console.log(line)))
  .showSuggestionAfterError()
  .showHelpAfterError('Add --help to see what there is.');

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const words = isKumulusError(error) ? message : `unexpected: ${message}`;
  console.error(`Error: ${words.replace(/\s*\n\s*/g, ' ')}`);
  process.exitCode = 1;
}
