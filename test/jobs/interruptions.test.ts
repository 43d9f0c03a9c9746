import { startEmbedded } from '../store/support/engines.ts';
import { startIsolatedDynamoDb } from '../store/support/isolated-dynamodb.ts';
import { interruptionCases } from './cases/interruptions.case.ts';

interruptionCases('the embedded engine', startEmbedded, true);
interruptionCases('DynamoDB', startIsolatedDynamoDb, false);
