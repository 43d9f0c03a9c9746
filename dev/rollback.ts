// Goes back to the versions of a stage's functions that were live before: `npm run rollback -- --stage production`. The stack stays as
// it is, so this takes seconds, also where CloudFormation is in trouble. What lasts is not touched: old code reads what new code wrote.
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createLiveVersions } from './deploy/live-versions.ts';
import { rollBack } from './deploy/roll-out.ts';
import { runStageCommand } from './deploy/stage-command.ts';
import { functionNames } from './deploy/stages.ts';

await runStageCommand(
  { usage: 'npm run rollback -- --stage <stage> [--region <region>]', options: {} },
  async ({ name, region, say }) => {
    const versions = createLiveVersions({ lambda: new LambdaClient({ region }) });
    const { api, admission, jobs } = functionNames(name);
    await rollBack({ versions, say }, [api, admission, jobs]);
  },
);
