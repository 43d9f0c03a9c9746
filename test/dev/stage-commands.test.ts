import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { type Ended, program } from '../deploy/program.ts';

const home = mkdtempSync(join(tmpdir(), 'kumulus-operator-'));
const stages = join(home, 'stages.yml');
let ministack: Ministack;
let operator: NodeJS.ProcessEnv;

beforeAll(async () => {
  ministack = await startMinistack();
  writeFileSync(stages, readFileSync('infra/stages.yml', 'utf8').replace('region: ""', 'region: us-east-1'));
  operator = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'operator',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
});
afterAll(async () => {
  await ministack?.stop();
  rmSync(home, { recursive: true });
});

const run = (command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  program(`dist/dev/${command}.js`, args, { ...operator, ...more });

describe('an order that cannot be carried out', () => {
  it.each([
    ['no stage', [], {}, 2, 'which stage? npm run deploy -- --stage <stage>'],
    [
      'an unknown stage',
      ['--stage', 'live'],
      {},
      2,
      'there is no stage "live": infra/stages.yml has dev, staging',
    ],
    ['an unknown option', ['--stage', 'dev', '--force'], {}, 2, "Unknown option '--force'"],
    [
      'no credentials',
      ['--stage', 'dev'],
      { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
      1,
      'no credentials for AWS',
    ],
    ['no region', ['--stage', 'dev'], { AWS_REGION: '' }, 1, 'no region: give --region'],
    [
      'another region than the stage has',
      ['--stage', 'dev'],
      { KUMULUS_STAGES: stages },
      2,
      'the stage dev is in us-east-1',
    ],
    [
      'a region that there is not',
      ['--stage', 'dev', '--region', 'eu-nowhere-1'],
      { AWS_ENDPOINT_URL: '' },
      1,
      'no region of this name',
    ],
    [
      'nobody there',
      ['--stage', 'dev'],
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      1,
      'see AWS_ENDPOINT_URL',
    ],
  ] as const)('says what to do: %s', async (_, args, environment, code, words) => {
    expect(await run('deploy', args, environment)).toMatchObject({
      code,
      output: '',
      errors: expect.stringContaining(words),
    });
  });

  it.each(['remove', 'logs', 'rollback'])('is explained by %s, too', async (command) => {
    const nobody = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    expect(await run(command, ['--stage', 'dev'], nobody)).toMatchObject({
      code: 1,
      errors: expect.stringContaining('see AWS_ENDPOINT_URL'),
    });
  });
});

describe('a stage that is not there', () => {
  it('is neither gone back in nor read', async () => {
    const known = expect.stringContaining('dev: account 000000000000 in eu-central-1');
    const rollback = await run('rollback', ['--stage', 'dev']);
    expect(rollback).toMatchObject({ code: 1, errors: known });
    expect(rollback.errors).toContain('kumulus-dev-api has no alias live: deploy it first');
    expect(rollback.errors).toContain('kumulus-dev-jobs has no alias live: deploy it first');
    const logs = await run('logs', ['--stage', 'dev']);
    expect(logs).toMatchObject({
      code: 1,
      errors: expect.stringContaining('it is not deployed, or in another region'),
    });
  });

  it('is removed at once', async () => {
    const removed = await run('remove', ['--stage', 'dev']);
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.output.trim().split('\n')).toEqual([
      'kumulus-dev-relay: is not there',
      'kumulus-dev: is not there',
      'kumulus-dev-data: is not there',
    ]);
  });
});
