import { afterAll, beforeAll } from 'vitest';
import { type LambdaApi, startLambdaApi } from '../support/lambda-target.ts';
import { conformanceCases } from './conformance.case.ts';

let lambda: LambdaApi;
beforeAll(async () => {
  lambda = await startLambdaApi();
}, 120_000);
afterAll(() => lambda?.stop());

conformanceCases('the Lambda function on DynamoDB', () => lambda.freshTenant(), {
  // The incremental protocol is on, and nobody is on the machine itself.
  '01-index': [1],
  // In the cloud nothing is shown to anybody without a token.
  '11-user-tokens-use': [6, 11, 13, 16],
});
