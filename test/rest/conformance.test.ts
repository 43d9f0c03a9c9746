import { describe, expect, it } from 'vitest';
import { createApiFixture } from '../support/api-fixture.ts';
import { readRecording, recordingNames, recordingsFolder } from '../support/recording.ts';
import { replay } from '../support/replay.ts';

/** The steps, by file, that are known to differ; every other step of these files has to be as recorded. */
const knownDifferences: Readonly<Record<string, readonly number[]>> = {
  '02-meshes': [],
  '03-meshes-errors': [],
  '05-dataplanes': [],
  '06-dataplanes-errors': [],
  '07-pagination': [],
  '08-secrets': [],
  '10-tokens': [],
  '16-revocation-rotation': [],
  '18-mesh-options': [],
  '19-updates': [],
};

const folder = recordingsFolder();

describe.skipIf(folder === undefined)('recorded answers of the reference', () => {
  it.each(folder === undefined ? [] : recordingNames(folder, 'rest'))('%s', async (name) => {
    const steps = readRecording(folder ?? '', 'rest', name);
    const api = await createApiFixture(['default']);
    try {
      const failed = await replay(api, steps);
      const expected = knownDifferences[name];
      const report = [...failed].map(([step, differences]) => {
        const { request, note = '' } = steps[step] ?? { request: { method: '', path: '' } };
        return `${name} ${step} ${request.method} ${request.path} ${note}\n  ${differences.join('\n  ')}`;
      });
      if (expected === undefined) {
        process.stdout.write(`${name}: ${steps.length - failed.size} of ${steps.length} as recorded\n`);
        return;
      }
      expect(report.filter((_, position) => !expected.includes([...failed.keys()][position] ?? -1))).toEqual(
        [],
      );
      expect(expected.filter((step) => !failed.has(step))).toEqual([]);
    } finally {
      await api.close();
    }
  });
});
