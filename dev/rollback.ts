// Goes back to the versions of a stage's functions that were live before: `npm run rollback -- --stage production`. The stack stays as
// it is, so this takes seconds, also where CloudFormation is in trouble. What lasts is not touched: old code reads what new code wrote.
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { isKumulusError } from '../src/model/errors.ts';
import { createLiveVersions } from './deploy/live-versions.ts';

const { values } = parseArgs({ options: { stage: { type: 'string' }, region: { type: 'string' } } });
const { stage, region } = values;

if (stage === undefined) {
  console.error('which stage? npm run rollback -- --stage production');
  process.exitCode = 2;
} else {
  const lambda = new LambdaClient(region === undefined ? {} : { region });
  const versions = createLiveVersions({ lambda });
  // The API first: it is what people wait for.
  for (const name of ['api', 'admission', 'jobs']) {
    const functionName = `kumulus-${stage}-${name}`;
    try {
      const { from, to } = await versions.stepBack(functionName);
      console.log(`${functionName}: from version ${from} back to version ${to}`);
    } catch (error) {
      console.error(`${functionName}: ${isKumulusError(error) ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
}
