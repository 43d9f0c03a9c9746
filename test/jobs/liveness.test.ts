import { livenessCases } from './cases/liveness.case.ts';
import { startDynamo } from './support/dynamodb.ts';
import { startEmbedded } from './support/embedded.ts';

livenessCases('the embedded engine', startEmbedded);
livenessCases('DynamoDB', startDynamo);
