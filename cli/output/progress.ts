import type { Surroundings } from '../surroundings.ts';

/** Tells how far long work has got: on a terminal one line that is written over, elsewhere a line now and then. */
export interface Progress {
  /** @param of how much there is in all, where that was not known. */
  advance(done: number, of?: number): void;
  /** Leaves the line behind. */
  end(): void;
}

/** Milliseconds between lines where there is no terminal. */
const lineEveryMs = 5_000;

export function createProgress(
  what: string,
  total: number,
  { note, notesToTerminal, clock }: Pick<Surroundings, 'note' | 'notesToTerminal' | 'clock'>,
): Progress {
  let told = clock();
  let shown = false;
  return {
    advance(done, of = total) {
      const line = `${what}: ${done} of ${of}`;
      if (notesToTerminal) {
        note(`\r${line}`);
        shown = true;
      } else if (clock() - told >= lineEveryMs) {
        told = clock();
        note(`${line}\n`);
      }
    },
    end() {
      if (shown) {
        note('\n');
      }
    },
  };
}
