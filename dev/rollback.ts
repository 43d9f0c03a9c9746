// Goes back to the versions of a stage's functions that were live before: `npm run rollback -- --stage production`. The stack stays as
// it is, so this takes seconds, also where CloudFormation is in trouble. What lasts is not touched: old code reads what new code wrote.
import { LambdaClient } from '@aws-sdk/client-lambda';
import { isKumulusError, KumulusError } from '../src/model/errors.ts';
import { createLiveVersions } from './deploy/live-versions.ts';
import { runStageCommand } from './deploy/stage-command.ts';

await runStageCommand(
  { usage: 'npm run rollback -- --stage <stage> [--region <region>]', options: {} },
  async ({ name, region, say }) => {
    const versions = createLiveVersions({ lambda: new LambdaClient({ region }) });
    const failures: string[] = [];
    // The API first: it is what people wait for. One that cannot go back does not keep the other from it.
    for (const part of ['api', 'admission', 'jobs']) {
      const functionName = `kumulus-${name}-${part}`;
      try {
        const { from, to } = await versions.stepBack(functionName);
        say(`${functionName}: from version ${from} back to version ${to}`);
      } catch (error) {
        if (!isKumulusError(error)) throw error;
        failures.push(error.message);
      }
    }
    if (failures.length > 0) {
      throw new KumulusError('unavailable', failures.join('\n'));
    }
  },
);
