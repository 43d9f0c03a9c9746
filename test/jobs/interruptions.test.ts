import { interruptionCases } from './cases/interruptions.case.ts';
import { startDynamo } from './support/dynamodb.ts';
import { startEmbedded } from './support/embedded.ts';

interruptionCases('the embedded engine', startEmbedded, true);
interruptionCases('DynamoDB', startDynamo, false);
