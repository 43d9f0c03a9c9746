/** Writes what people read, with colours where the output is a terminal and `NO_COLOR` is not set (no-color.org). */
export interface Terminal {
  heading(text: string): void;
  line(text?: string): void;
  /** A name and what is to be said of it, aligned. */
  fact(name: string, text: string): void;
  /** A command to copy. */
  command(text: string): void;
  /** Something that just happened, with the time. */
  event(text: string, mood: 'good' | 'bad'): void;
}

export function createTerminal(
  write: (text: string) => void,
  options: { readonly color: boolean; readonly now: () => Date },
): Terminal {
  const paint = (code: number, text: string) => (options.color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    heading: (text) => write(`\n${paint(1, text)}\n`),
    line: (text = '') => write(`${text}\n`),
    fact: (name, text) => write(`  ${name.padEnd(22)} ${text}\n`),
    command: (text) => write(`    ${paint(36, text)}\n`),
    event(text, mood) {
      const time = options.now().toTimeString().slice(0, 8);
      write(`  ${paint(2, time)}  ${paint(mood === 'good' ? 32 : 31, text)}\n`);
    },
  };
}
