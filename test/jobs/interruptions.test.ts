import { startDynamo, startEmbedded } from '../store/support/engines.ts';
import { interruptionCases } from './cases/interruptions.case.ts';

interruptionCases('the embedded engine', startEmbedded, true);
interruptionCases('DynamoDB', startDynamo, false);
