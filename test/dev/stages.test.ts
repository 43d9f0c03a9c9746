import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { thatKeepsNothing } from '../../dev/deploy/remove.ts';
import { readStage, stagesFile } from '../../dev/deploy/stages.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const file = 'infra/stages.yml';

describe('stages', () => {
  it.each(['staging', 'production'])(
    '%s is in two zones, and nobody deletes its data by accident',
    (name) => {
      const { relay, data } = readStage('.', name, file);
      expect(relay).toMatchObject({ selfSigned: false });
      expect(relay.minRelays).toBeGreaterThan(1);
      expect(data.deletionProtection).toBe(true);
    },
  );

  it('are told where there is none of a name', () => {
    expect(() => readStage('.', 'test', file)).toThrow(
      'there is no stage "test": infra/stages.yml has dev, staging, production',
    );
    expect(() => readStage('.', 'constructor', file)).toThrow('there is no stage');
  });

  it('may be in a file of your own', () => {
    expect(stagesFile({})).toBe(file);
    expect(stagesFile({ KUMULUS_STAGES: '' })).toBe(file);
    const own = join(temporaryFolder(), 'own.yml');
    writeFileSync(own, readFileSync(file, 'utf8').replace('dev:', 'mine:'));
    expect(readStage('.', 'mine', stagesFile({ KUMULUS_STAGES: own }))).toEqual(readStage('.', 'dev', file));
    expect(() => readStage('.', 'mine', 'nowhere.yml')).toThrow(
      /^nowhere.yml cannot be read \(KUMULUS_STAGES\): ENOENT/,
    );
  });

  it.each([
    ['region: ""', 'region: 7', 'region'],
    ['logRetentionDays: 7', 'logRetentionDays: 8', 'takes one of 1, 3, 5, 7, 14'],
    ['drainSeconds: 5', 'drainSeconds: 101', 'relay.drainSeconds'],
    ['dataplaneIdleTimeout: 5m', 'dataplaneIdleTimeout: 5 minutes', 'takes a duration such as 30s'],
    ['dataplaneIdleTimeout: 5m', 'dataplaneIdleTimeout: 0s', 'takes a duration such as 30s'],
    ['minRelays: 1', 'minRelays: 2', 'has minRelays above maxRelays'],
    ['domain: ""', 'domain: "*.example.com"', 'takes a domain such as api.example.com'],
    ['drainSeconds: 5', 'drainSecond: 5', 'drainSecond'],
    ['dev:', 'Development:', 'a stage is called by up to 16 small letters'],
  ])('are held to what is understood: %s → %s', (from, to, words) => {
    const own = join(temporaryFolder(), 'own.yml');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(own, text.replace(from, to));
    const name = to === 'Development:' ? 'Development' : 'dev';
    expect(() => readStage('.', name, own)).toThrow(words);
  });
});

it('a stage whose data are to be deleted keeps nothing', () => {
  const template = thatKeepsNothing(readFileSync('infra/data.yml', 'utf8'));
  expect(template).not.toContain('DeletionPolicy: Retain');
  expect(template.match(/DeletionPolicy: Delete$/gm)).toHaveLength(4);
  expect(template).toMatch(/^ {6}RepositoryName: .*\n {6}EmptyOnDelete: true$/m);
});
