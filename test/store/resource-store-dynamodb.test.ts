import { resourceStoreCases } from './cases/all.case.ts';
import { startDynamo } from './support/engines.ts';

resourceStoreCases('DynamoDB', startDynamo);
