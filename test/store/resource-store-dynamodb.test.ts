import { resourceStoreCases } from './cases/all.case.ts';
import { startIsolatedDynamoDb } from './support/isolated-dynamodb.ts';

resourceStoreCases('DynamoDB', startIsolatedDynamoDb);
