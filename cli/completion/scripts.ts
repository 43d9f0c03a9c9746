import type { WordTree } from './word-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The script for a shell. Commands and options are plain words, so that nothing needs to be quoted. */
export function completionScript(shell: Shell, tree: WordTree): string {
  switch (shell) {
    case 'bash':
      return `${bashFunction(tree)}complete -o default -F _kumulus kumulus\n`;
    case 'zsh':
      // zsh runs completions of bash; a script that it finds in its path starts with this line.
      return `#compdef kumulus\nautoload -U +X bashcompinit && bashcompinit\n${bashFunction(tree)}complete -o default -F _kumulus kumulus\n`;
    case 'fish':
      return fishScript(tree);
  }
}

/** Walks the words that were typed as far as they are commands, and offers what may follow the last one. */
function bashFunction(tree: WordTree): string {
  const cases = [...tree].map(([words, next]) => `    '${words}') echo '${next.join(' ')}' ;;\n`).join('');
  return `_kumulus_words() {
  case "$1" in
${cases}  esac
}

_kumulus() {
  local path='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    if [ -n "$(_kumulus_words "$word")" ]; then path="$word"; fi
  done
  COMPREPLY=($(compgen -W "$(_kumulus_words "$path")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}

`;
}

function fishScript(tree: WordTree): string {
  const cases = [...tree]
    .map(([words, next]) => `    case '${words}'\n      printf '%s\\n' ${next.join(' ')}\n`)
    .join('');
  return `function __kumulus_words
  switch "$argv[1]"
${cases}  end
end

function __kumulus_complete
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim "$path $word")
    if test -n "$(__kumulus_words "$next")"
      set path $next
    end
  end
  __kumulus_words "$path"
end

complete -c kumulus -f -a '(__kumulus_complete)'
`;
}
