import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJudge } from '../../dev/deploy/judge.ts';
import { logGroups, readLogs } from '../../dev/deploy/logs.ts';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';

let ministack: Ministack;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  ministack = await startMinistack();
  logs = new CloudWatchLogsClient({
    ...{ endpoint: ministack.endpoint, region: 'eu-central-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(() => ministack?.stop());

/** CloudWatch takes nothing that is older than two weeks. */
const start = Date.now() - 60_000;

async function write(
  logGroupName: string,
  logStreamName: string,
  lines: readonly [at: number, line: string][],
) {
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  const logEvents = lines.map(([at, message]) => ({ timestamp: start + at, message }));
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
}

const error = '{"level":"error","message":"request"}';
const warning = '{"level":"warn","message":"an error of somebody else"}';

describe('the log of a deployment', () => {
  it('judges a version by its own errors alone', async () => {
    const logGroupName = '/aws/lambda/kumulus-judged-api';
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    const judge = createJudge({ logs, logGroupName, since: start });
    await write(logGroupName, '2026/11/21/[1]old', [
      [1, error],
      [2, error],
      [3, error],
    ]);
    await write(logGroupName, '2026/11/21/[2]a', [
      [-1, error],
      [4, error],
      [5, warning],
      [6, error],
      [7, warning],
    ]);
    expect(await judge('2')).toBeUndefined();
    await write(logGroupName, '2026/11/21/[2]b', [[8, 'Task timed out after 28.00 seconds']]);
    expect(await judge('2')).toBe('3 errors, the last: Task timed out after 28.00 seconds');
    expect(await judge('1')).toMatch(/^3 errors/);
  });

  it('is printed in the order of time, of all parts or of one', async () => {
    const { api = '', relay = '' } = logGroups('read');
    for (const logGroupName of [api, relay]) await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await write(api, 'a', [
      [-5, 'too early'],
      [2, 'second\n'],
    ]);
    await write(relay, 'r', [
      [1, 'first'],
      [3, error],
    ]);
    const order = { stage: 'read', of: undefined, since: start, filter: undefined };
    const at = (milliseconds: number) => new Date(start + milliseconds).toISOString();
    expect(await readLogs(logs, order)).toEqual([
      `${at(1)} relay first`,
      `${at(2)} api second`,
      `${at(3)} relay ${error}`,
    ]);
    expect(await readLogs(logs, { ...order, of: 'relay', filter: 'error' })).toEqual([
      `${at(3)} relay ${error}`,
    ]);
    await expect(readLogs(logs, { ...order, of: 'table' })).rejects.toMatchObject({ code: 'bad_request' });
    await expect(readLogs(logs, { ...order, stage: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
