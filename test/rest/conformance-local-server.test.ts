import { startLocalServerTarget } from '../support/local-server-target.ts';
import { conformanceCases } from './conformance.case.ts';

conformanceCases('local server over HTTP', startLocalServerTarget, {
  // The incremental protocol is on unless it is switched off.
  '01-index': [1],
});
