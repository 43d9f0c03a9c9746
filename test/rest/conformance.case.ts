import { describe, expect, it } from 'vitest';
import { readRecording, recordingNames, recordingsFolder } from '../support/recording.ts';
import { type ReplayTarget, replay } from '../support/replay.ts';

/** Steps that differ, by file; every other step of these files has to be as recorded. Other files are only reported. */
const knownDifferences: Readonly<Record<string, readonly number[]>> = {
  '01-index': [],
  '02-meshes': [],
  '03-meshes-errors': [],
  // Inspection: _rules, _policies, rules, xds.
  '05-dataplanes': [34, 35, 37, 39, 40],
  '06-dataplanes-errors': [],
  '07-pagination': [],
  '08-secrets': [],
  '09-zones': [],
  '10-tokens': [],
  // On purpose: nobody writes anonymously. And inspection.
  '11-user-tokens-use': [21, 22, 27],
  // Statuses of services; MeshServices that are made of Dataplanes, which the layout shows too; inspection of policies.
  '14-mesh-services': [2, 6, 7, 8, 9, 10, 11, 17],
  '12-insights': [],
  '16-revocation-rotation': [],
  // On purpose: 400 and a reason in place of 500.
  '18-mesh-options': [11, 12],
  '19-updates': [],
  '20-meshaccesslog': [],
  '21-meshcircuitbreaker': [],
  '23-meshhealthcheck': [],
  '24-meshhttproute': [],
  '26-meshloadbalancingstrategy': [],
  '28-meshpassthrough': [],
  '29-meshproxypatch': [],
  '30-meshratelimit': [],
  '31-meshretry': [],
  '32-meshtimeout': [],
  '34-meshtrace': [],
  '35-meshtrafficpermission': [],
  '50-meshfaultinjection': [],
  '51-meshtcproute': [],
  '52-meshmetric': [],
  '53-meshtls': [],
};

/** A control plane that nobody has used yet; `stop` ends it. */
export interface FreshTarget extends ReplayTarget {
  stop(): Promise<void>;
}

const folder = recordingsFolder();

/**
 * Replays every recorded case, each on a control plane of its own.
 *
 * @param alsoDifferent steps that differ on this control plane and for a reason of its own, by case.
 */
export function conformanceCases(
  title: string,
  start: () => Promise<FreshTarget>,
  alsoDifferent: Readonly<Record<string, readonly number[]>> = {},
): void {
  describe.skipIf(folder === undefined)(`recorded answers of the reference, ${title}`, () => {
    it.each(folder === undefined ? [] : recordingNames(folder, 'rest'))('%s', async (name) => {
      const steps = readRecording(folder ?? '', 'rest', name);
      const target = await start();
      const failed = await replay(target, steps).finally(target.stop);
      const expected = new Set([...(knownDifferences[name] ?? []), ...(alsoDifferent[name] ?? [])]);
      const surprises = [...failed].filter(([step]) => !expected.has(step));
      expect(
        surprises.map(([step, found]) => ({ step, ...steps[step]?.request, note: steps[step]?.note, found })),
      ).toEqual([]);
      for (const step of [...expected].filter((known) => !failed.has(known))) {
        process.stdout.write(`${name}: step ${step} is as recorded by now\n`);
      }
    });
  });
}
