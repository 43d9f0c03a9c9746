import { expect, it } from 'vitest';
import { fuzz } from '../../dev/fuzz/fuzz.ts';

/** At the least; the phases of which nobody can say how many they send come on top. */
const requests = 600;

it('answers requests made up from the OpenAPI document as the document says', {
  timeout: 240_000,
}, async () => {
  const said: string[] = [];
  const report = await fuzz({ requests, seed: 1, engine: 'embedded' }, (line) => said.push(line));
  expect(report.findings, said.join('\n')).toEqual([]);
  expect(report.requests).toBeGreaterThan(requests);
  // Requests get through to what they ask for.
  expect(report.statuses.get('200')).toBeGreaterThan(report.requests / 10);
  expect(report.statuses.get('201')).toBeGreaterThan(0);
});
