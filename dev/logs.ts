// Prints what the parts of a stage wrote: `npm run logs -- --stage dev --of jobs --since 1h --filter error`.
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { parseMilliseconds } from '../src/model/duration.ts';
import { readLogs } from './deploy/logs.ts';
import { runStageCommand } from './deploy/stage-command.ts';

await runStageCommand(
  {
    usage:
      'npm run logs -- --stage <stage> [--of api|admission|jobs|relay|access] [--since 10m] [--filter <pattern>]',
    options: { of: { type: 'string' }, since: { type: 'string' }, filter: { type: 'string' } },
  },
  async ({ name, region, say, options }) => {
    const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);
    const lines = await readLogs(new CloudWatchLogsClient({ region }), {
      stage: name,
      of: text(options.of),
      since: Date.now() - parseMilliseconds(text(options.since) ?? '10m'),
      filter: text(options.filter),
    });
    for (const line of lines) say(line);
  },
);
