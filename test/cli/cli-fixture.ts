import { afterAll, beforeAll } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { isKumulusError } from '../../src/model/errors.ts';
import { type ControlPlaneProcess, startControlPlaneProcess } from '../support/control-plane-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A local server that all tests of a file talk to. */
export function useControlPlane(): Pick<ControlPlaneProcess, 'api'> {
  let server: ControlPlaneProcess;
  beforeAll(async () => {
    server = await startControlPlaneProcess();
  });
  afterAll(() => server?.stop());
  return {
    get api() {
      return server.api;
    },
  };
}

/** What a command wrote, and how it ended. */
export interface Ran {
  readonly out: string;
  readonly notes: string;
  /** The message of the error that ended it. */
  readonly error: string | undefined;
}

/** The command line of one person: their folder stays between commands. */
export interface Person {
  readonly home: string;
  /** Runs `kumulus` with the arguments. */
  run(args: readonly string[], stdin?: string): Promise<Ran>;
}

export function createPerson(env: NodeJS.ProcessEnv = {}): Person {
  const home = temporaryFolder();
  let made = 0;
  return {
    home,
    async run(args, stdin = '') {
      let out = '';
      let notes = '';
      const program = createProgram({
        out: (text) => {
          out += text;
        },
        note: (text) => {
          notes += text;
        },
        notesToTerminal: false,
        stdin: () => Promise.resolve(stdin),
        env,
        clock: Date.now,
        ids: () => `${home}-${++made}`,
        sleep: () => Promise.resolve(),
        home,
        setExitCode: () => {},
      });
      try {
        await program.parseAsync([...args], { from: 'user' });
        return { out, notes, error: undefined };
      } catch (error) {
        return { out, notes, error: isKumulusError(error) ? error.message : `unexpected: ${String(error)}` };
      }
    },
  };
}
