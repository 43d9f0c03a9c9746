import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { thatKeepsNothing } from '../../dev/deploy/remove.ts';
import { readStage } from '../../dev/deploy/stages.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const relayTemplate: unknown = parse(readFileSync('infra/relay.yml', 'utf8'), { logLevel: 'error' });

/** What the template of the relays takes for a parameter. */
const allowed = (parameter: string): readonly unknown[] =>
  Object(Object(Object(relayTemplate).Parameters)[parameter]).AllowedValues;

describe('stages', () => {
  it.each(['dev', 'staging', 'production'])('%s is what the templates take', (name) => {
    const { relay, logRetentionDays, data } = readStage('.', name);
    expect(allowed('Size')).toContain(relay.size);
    expect(allowed('Capacity')).toContain(relay.capacity);
    expect(allowed('LogRetentionDays')).toContain(logRetentionDays);
    expect(relay.minRelays).toBeGreaterThan(0);
    expect(relay.maxRelays).toBeGreaterThanOrEqual(relay.minRelays);
    if (name !== 'dev') {
      // Two zones, and nobody deletes the table by accident.
      expect(relay.minRelays).toBeGreaterThan(1);
      expect(data.deletionProtection).toBe(true);
    }
  });

  it('are told where there is none of a name', () => {
    expect(() => readStage('.', 'test')).toThrow(
      'there is no stage "test": infra/stages.yml has dev, staging, production',
    );
    expect(() => readStage('.', 'constructor')).toThrow('there is no stage');
  });

  it('are held to what is understood', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'infra'));
    writeFileSync(join(folder, 'infra/stages.yml'), 'dev:\n  region: 7\n');
    expect(() => readStage(folder, 'dev')).toThrow(/^infra\/stages.yml, dev: [\s\S]*region/);
  });
});

it('a stage whose data are to be deleted keeps nothing', () => {
  const template = thatKeepsNothing(readFileSync('infra/data.yml', 'utf8'));
  expect(template).not.toContain('DeletionPolicy: Retain');
  expect(template).toMatch(/^ {6}RepositoryName: .*\n {6}EmptyOnDelete: true$/m);
});
