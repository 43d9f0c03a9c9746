import { startEmbedded } from '../store/support/engines.ts';
import { startIsolatedDynamoDb } from '../store/support/isolated-dynamodb.ts';
import { livenessCases } from './cases/liveness.case.ts';

livenessCases('the embedded engine', startEmbedded);
livenessCases('DynamoDB', startIsolatedDynamoDb);
