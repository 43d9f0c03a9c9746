import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApiFixture } from '../support/api-fixture.ts';
import { type ControlPlaneProcess, startControlPlaneProcess } from '../support/control-plane-process.ts';
import { recordingsFolder } from '../support/recording.ts';
import { sameText } from '../support/same-answer.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** One command of the recorded session of the real kumactl. */
interface Command {
  readonly command: string;
  readonly stdin?: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly body?: unknown;
  }[];
}

const file = join(recordingsFolder() ?? '', 'kumactl', 'session.json');
const commands = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Command[]) : [];
const kumactl = process.env.KUMACTL_PATH;

/** What kumactl sends where it knows no time; the recording has a word for it. */
const zeroTime = JSON.stringify('0001-01-01T00:00:00Z');

/** Columns are as wide as their widest cell, and an age is a cell. */
function unpadded(text: string): string {
  return text.replace(/ {2,}/g, '  ').replace(/ +$/gm, '');
}

/** What stands for an age in the recording, such as `3s`, `12m` or `never`. */
const age = /\bAGE\b(?!\n?$)|(?<=\s)AGE(?=\s|$)/g;

function samePrint(want: string, got: string): boolean {
  const header = want.split('\n', 1).join('');
  const rest = want.slice(header.length).replace(age, 'TIME');
  return sameText(unpadded(header + rest), unpadded(got));
}

describe.skipIf(commands.length === 0)('the recorded session of kumactl', () => {
  it('gets the recorded status for every request', async () => {
    const api = await createApiFixture(['default']);
    const wrong: unknown[] = [];
    for (const { command, requests } of commands) {
      for (const { method, path, status, body } of requests) {
        const answer = await api.request(
          method,
          path,
          body === undefined ? {} : { raw: JSON.stringify(body).replaceAll('"TIME"', zeroTime) },
        );
        if (answer.status !== status) {
          wrong.push({ command, method, path, status, got: answer.status, text: answer.text.slice(0, 200) });
        }
      }
    }
    await api.close();
    expect(wrong).toEqual([]);
  });

  describe.skipIf(kumactl === undefined)('with the kumactl at KUMACTL_PATH', () => {
    async function run({ command, stdin }: Command, server: ControlPlaneProcess, home: string) {
      const child = spawn('sh', ['-c', command.replaceAll('HOST', new URL(server.api).host)], {
        env: { ...process.env, HOME: home, PATH: `${dirname(kumactl ?? '')}:${process.env.PATH}` },
      });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.stdin.end(stdin ?? '');
      const [exit] = await once(child, 'close');
      return { exit, stdout, stderr };
    }

    it('prints what was recorded', async () => {
      const server = await startControlPlaneProcess();
      const home = temporaryFolder();
      const wrong: unknown[] = [];
      for (const command of commands) {
        const got = await run(command, server, home);
        const same =
          got.exit === command.exit &&
          samePrint(command.stdout, got.stdout) &&
          samePrint(command.stderr, got.stderr);
        if (!same) {
          wrong.push({ ...command, requests: undefined, got });
        }
      }
      await server.stop();
      expect(wrong).toEqual([]);
    }, 120_000);
  });
});
