import { resourceStoreCases } from './cases/all.case.ts';
import { startEmbedded } from './support/engines.ts';

resourceStoreCases('files', startEmbedded);
