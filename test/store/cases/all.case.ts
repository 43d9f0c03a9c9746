import { describe } from 'vitest';
import type { StartEngine } from '../../../src/store/contract/world.ts';
import { createWorld } from '../support/world.ts';
import { auditCases } from './audit.case.ts';
import { commitCases } from './commits.case.ts';
import { concurrencyCases } from './concurrency.case.ts';
import { deletionCases } from './deletion.case.ts';
import { dueFoldCases } from './due-folds.case.ts';
import { foldCases } from './folds.case.ts';
import { idempotencyCases } from './idempotency.case.ts';
import { insightJournalCases } from './insight-journal.case.ts';
import { insightCases } from './insights.case.ts';
import { logCases } from './log.case.ts';
import { outboxCases } from './outbox.case.ts';
import { propagationCases } from './propagation.case.ts';
import { secretCases } from './secrets.case.ts';
import { sightingCases } from './sightings.case.ts';
import { snapshotCases } from './snapshots.case.ts';

/** All that the resource store promises, on one engine. */
export function resourceStoreCases(engine: string, start: StartEngine): void {
  describe(`resources on ${engine}`, () => {
    const world = createWorld(start);
    commitCases(world);
    sightingCases(world);
    logCases(world);
    concurrencyCases(world);
    snapshotCases(world);
    dueFoldCases(world);
    foldCases(world);
    deletionCases(world);
    secretCases(world);
    insightCases(world);
    insightJournalCases(world);
    propagationCases(world);
    auditCases(world);
    outboxCases(world);
    idempotencyCases(world);
  });
}
