import { storeContract } from '../../src/store/contract.case.ts';
import { startDynamo } from './support/engines.ts';

storeContract('DynamoDB', startDynamo);
