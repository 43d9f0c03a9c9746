import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readAssumptions } from '../../dev/cost/assumptions.ts';
import { relaySizes } from '../../dev/cost/relay-items.ts';
import { readTemplate } from './template.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const assumptions = readAssumptions(read('dev/cost/assumptions.yml'));

/** How many resources of a type are in all templates, those of the functions' stack included. */
function countOf(type: string): number {
  const folder = new URL('../../infra', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yml'),
  );
  const pattern = new RegExp(`^ +Type: ${type}$`, 'gm');
  return files.reduce((sum, file) => sum + [...read(join('infra', file)).matchAll(pattern)].length, 0);
}

describe('the bill is reckoned with what is put up', () => {
  it('with the sizes of relays', () => {
    const wanted = relaySizes.map(({ name, proxies, vcpu, gigabytes }) => [
      name,
      { Cpu: String(vcpu * 1_024), Memory: String(gigabytes * 1_024), Streams: proxies },
    ]);
    expect(readTemplate('relay.yml').Mappings.Sizes).toMatchObject(Object.fromEntries(wanted));
  });

  it.each([
    ['alarms', 'AWS::CloudWatch::Alarm'],
    ['dashboards', 'AWS::CloudWatch::Dashboard'],
    ['keys', 'AWS::KMS::Key'],
    ['secrets', 'AWS::SecretsManager::Secret'],
  ] as const)('with as many %s', (name, type) => {
    expect(assumptions[name].value).toBe(countOf(type));
  });

  it("with production's functions", () => {
    expect(parse(read('infra/stages.yml'))).toMatchObject({
      production: {
        functions: {
          apiMemory: assumptions.functionGigabytes.value * 1_024,
          jobsMemory: assumptions.jobGigabytes.value * 1_024,
        },
      },
    });
  });
});
