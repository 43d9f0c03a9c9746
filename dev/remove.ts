// Takes a stage down: `npm run remove -- --stage dev`. The data stay, unless `--delete-data dev` is told as well.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { remove } from './deploy/remove.ts';
import { runOsls } from './deploy/run-osls.ts';
import { createStacks } from './deploy/stacks.ts';
import { runStageCommand } from './deploy/stage-command.ts';

await runStageCommand(
  {
    usage: 'npm run remove -- --stage <stage> [--region <region>] [--delete-data <stage>]',
    options: { 'delete-data': { type: 'string' } },
  },
  async ({ root, name, region, say, options }) => {
    const stacks = createStacks({
      client: new CloudFormationClient({ region }),
      ids: randomUUID,
      sleep,
      say,
    });
    const asked = options['delete-data'];
    await remove(
      { stacks, osls: runOsls, say },
      { root, name, region, deleteData: typeof asked === 'string' ? asked : undefined },
    );
  },
);
