// Puts up a stage on AWS, or brings it up to date: `npm run deploy -- --stage dev`.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { operatorTokenHash } from '../src/auth/operator.ts';
import { deploy } from './deploy/deploy.ts';
import { newestVersion, variableOf } from './deploy/functions.ts';
import { createJudge } from './deploy/judge.ts';
import { createLiveVersions } from './deploy/live-versions.ts';
import { runOsls } from './deploy/run-osls.ts';
import { createStacks } from './deploy/stacks.ts';
import { runStageCommand } from './deploy/stage-command.ts';

await runStageCommand(
  {
    usage: 'npm run deploy -- --stage <stage> [--region <region>] [--image <image of the relay>]',
    options: { image: { type: 'string' } },
  },
  async ({ root, name, stage, region, say, options }) => {
    const lambda = new LambdaClient({ region });
    await deploy(
      {
        stacks: createStacks({ client: new CloudFormationClient({ region }), ids: randomUUID, sleep, say }),
        versions: createLiveVersions({ lambda }),
        newestVersion: (functionName) => newestVersion(lambda, functionName),
        // One that is not told stays.
        operatorTokenHash: async (functionName) =>
          operatorTokenHash(process.env) ??
          (await variableOf(lambda, functionName, 'KUMULUS_OPERATOR_TOKEN_SHA256')),
        judge: createJudge({
          logs: new CloudWatchLogsClient({ region }),
          logGroupName: `/aws/lambda/kumulus-${name}-api`,
          since: Date.now(),
        }),
        ...{ osls: runOsls, sleep, say },
      },
      {
        ...{ root, name, stage, region, environment: process.env },
        image: typeof options.image === 'string' ? options.image : undefined,
      },
    );
  },
);
