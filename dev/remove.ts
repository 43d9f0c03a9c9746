// Takes a stage down: `npm run remove -- --stage dev`. The data stay, unless `--delete-data dev` is told as well.
import { randomUUID } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SQSClient } from '@aws-sdk/client-sqs';
import { removeQueues } from './deploy/relay-queues.ts';
import { remove } from './deploy/remove.ts';
import { createOsls } from './deploy/run-osls.ts';
import { createStacks, patience } from './deploy/stacks.ts';
import { runStageCommand } from './deploy/stage-command.ts';

await runStageCommand(
  {
    usage: 'npm run remove -- --stage <stage> [--region <region>] [--delete-data <stage>]',
    options: { 'delete-data': { type: 'string' } },
  },
  async ({ root, name, region, say, sleep, signal, options }) => {
    const stacks = createStacks({
      client: new CloudFormationClient({ region, ...patience }),
      ids: randomUUID,
      sleep,
      say,
    });
    const asked = options['delete-data'];
    await remove(
      {
        stacks,
        osls: createOsls(signal),
        removeQueues: () => removeQueues(new SQSClient({ region }), name),
        say,
      },
      { root, name, region, deleteData: typeof asked === 'string' ? asked : undefined },
    );
  },
);
