// Puts up a stage on AWS, or brings it up to date: `npm run deploy -- --stage dev`.
import { randomUUID } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { KumulusError } from '../src/model/errors.ts';
import { deploy } from './deploy/deploy.ts';
import { newestVersion, variablesOf } from './deploy/functions.ts';
import { createJudge } from './deploy/judge.ts';
import { createLiveVersions } from './deploy/live-versions.ts';
import { functionLog } from './deploy/logs.ts';
import { buildImage } from './deploy/relay-image.ts';
import { createOsls } from './deploy/run-osls.ts';
import { createSecretValues } from './deploy/secret-values.ts';
import { createStacks, patience } from './deploy/stacks.ts';
import { runStageCommand } from './deploy/stage-command.ts';
import { functionNames } from './deploy/stages.ts';

await runStageCommand(
  {
    usage: 'npm run deploy -- --stage <stage> [--region <region>] [--build | --image <image of the relays>]',
    options: { image: { type: 'string' }, build: { type: 'boolean' } },
  },
  async ({ root, name, stage, region, say, sleep, signal, options }) => {
    if (options.build === true && options.image !== undefined) {
      throw new KumulusError('bad_request', 'the image is made (--build) or told (--image), not both');
    }
    const lambda = new LambdaClient({ region });
    await deploy(
      {
        stacks: createStacks({
          client: new CloudFormationClient({ region, ...patience }),
          ids: randomUUID,
          sleep,
          say,
        }),
        versions: createLiveVersions({ lambda }),
        newestVersion: (functionName) => newestVersion(lambda, functionName),
        variablesOf: (functionName) => variablesOf(lambda, functionName),
        judge: createJudge({
          logs: new CloudWatchLogsClient({ region }),
          logGroupName: functionLog(functionNames(name).api),
          since: Date.now(),
        }),
        secrets: createSecretValues(region),
        buildImage: (repository) => buildImage({ root, region, repository, now: Date.now(), signal }),
        ...{ osls: createOsls(signal), clock: Date.now, sleep, say },
      },
      {
        ...{ root, name, stage, region, environment: process.env },
        image: typeof options.image === 'string' ? options.image : undefined,
        build: options.build === true,
      },
    );
  },
);
