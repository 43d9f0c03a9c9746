import { Argument, Command } from 'commander';
import { completionScript, type Shell, shells } from '../completion/scripts.ts';
import { wordTree } from '../completion/word-tree.ts';
import type { Surroundings } from '../surroundings.ts';

const help = `
To have it in every new shell:
  bash   kumulus completion bash > ~/.local/share/bash-completion/completions/kumulus
  zsh    kumulus completion zsh > "\${fpath[1]}/_kumulus"
  fish   kumulus completion fish > ~/.config/fish/completions/kumulus.fish
`;

/** `kumulus completion bash|zsh|fish`: a script that knows all commands, options and types of resources. */
export function completionCommand(program: Command, { out }: Surroundings): Command {
  return new Command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', help)
    .action((shell: Shell) => out(completionScript(shell, wordTree(program))));
}
