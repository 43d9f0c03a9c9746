import type { Command } from 'commander';
import { typeNames } from '../types.ts';

/** What may follow a command, by the command's words, such as `config control-planes`. */
export type WordTree = ReadonlyMap<string, readonly string[]>;

/** All commands below one, with their subcommands, options and, where they take a type of resources, those. */
export function wordTree(program: Command): WordTree {
  const tree = new Map<string, readonly string[]>();
  visit(program, '', tree);
  return tree;
}

function visit(command: Command, words: string, tree: Map<string, readonly string[]>): void {
  const options = command.options.flatMap(({ long }) => long ?? []);
  const subcommands = command.commands.map((each) => each.name());
  const choices = command.registeredArguments.flatMap((argument) =>
    argument.name() === 'type' ? typeNames() : (argument.argChoices ?? []),
  );
  tree.set(words, [...subcommands, ...choices, ...options, '--help']);
  for (const each of command.commands) {
    visit(each, words === '' ? each.name() : `${words} ${each.name()}`, tree);
  }
}
