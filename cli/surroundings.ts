/** What a command sees of the world around it; handed in, so that tests are their own world. */
export interface Surroundings {
  /** Writes what was asked for. */
  readonly out: (text: string) => void;
  /** Writes what is told beside it: progress, warnings. */
  readonly note: (text: string) => void;
  /** Whether notes go to a terminal, where a line can be written over. */
  readonly notesToTerminal: boolean;
  readonly stdin: () => Promise<string>;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly ids: () => string;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** The user's own folder. */
  readonly home: string;
  readonly setExitCode: (code: number) => void;
}
