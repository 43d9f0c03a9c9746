import { startDynamo, startEmbedded } from '../store/support/engines.ts';
import { livenessCases } from './cases/liveness.case.ts';

livenessCases('the embedded engine', startEmbedded);
livenessCases('DynamoDB', startDynamo);
