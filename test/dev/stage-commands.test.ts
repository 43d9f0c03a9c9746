import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSecretValues } from '../../dev/deploy/secret-values.ts';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { ask, askQuery } from '../deploy/emulated.ts';
import { type Ended, program } from '../deploy/program.ts';

const home = mkdtempSync(join(tmpdir(), 'kumulus-operator-'));
const stages = join(home, 'stages.yml');
let ministack: Ministack;
let operator: NodeJS.ProcessEnv;
/** Somebody who may do nothing. */
let nobody: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };

const iamOf =
  (endpoint: string) =>
  (action: string, more: Readonly<Record<string, string>> = {}) =>
    askQuery(endpoint, 'iam', action, '2010-05-08', { UserName: 'nobody', ...more });

async function makeUser(endpoint: string) {
  const iam = iamOf(endpoint);
  await iam('CreateUser');
  const key = await iam('CreateAccessKey');
  const member = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(key)?.[1] ?? '';
  return { AWS_ACCESS_KEY_ID: member('AccessKeyId'), AWS_SECRET_ACCESS_KEY: member('SecretAccessKey') };
}

beforeAll(async () => {
  ministack = await startMinistack({ AUTH: 'true' });
  nobody = await makeUser(ministack.endpoint);
  writeFileSync(stages, readFileSync('infra/stages.yml', 'utf8').replace('region: ""', 'region: us-east-1'));
  operator = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
});
afterEach(() => vi.unstubAllEnvs());
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
    const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    expect(await run(command, ['--stage', 'dev'], nowhere)).toMatchObject({
      code: 1,
      errors: expect.stringContaining('see AWS_ENDPOINT_URL'),
    });
  });
});

describe('credentials', () => {
  it('that AWS does not know, and those that may not do it, are told apart', async () => {
    const said = async (more: NodeJS.ProcessEnv) => (await run('deploy', ['--stage', 'dev'], more)).errors;
    const unknown = 'AWS does not know these credentials';
    expect(await said({ ...nobody, AWS_ACCESS_KEY_ID: 'AKIA0000000000000000' })).toContain(unknown);
    expect(await said({ ...nobody, AWS_SECRET_ACCESS_KEY: 'another' })).toContain(unknown);
    const denied = await said(nobody);
    expect(denied).toContain('as arn:aws:iam::000000000000:user/nobody');
    expect(denied).toMatch(/the credentials are not allowed to do this: .*cloudformation:DescribeStacks/);
  });

  it('sign what Secrets Manager is asked, too', async () => {
    const secrets = createSecretValues('eu-central-1', ministack.endpoint);
    for (const [name, value] of Object.entries(nobody)) vi.stubEnv(name, value);
    await expect(secrets.current('one')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await iamOf(ministack.endpoint)('PutUserPolicy', {
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*' }],
      }),
    });
    expect(await secrets.current('one')).toBeUndefined();
    await ask(ministack.endpoint, 'secretsmanager', 'CreateSecret', { Name: 'one' });
    expect(await secrets.current('one')).toBeUndefined();
    const version = await secrets.put('one', 'ä value');
    expect(await secrets.current('one')).toEqual({ text: 'ä value', version });
    expect(await secrets.put('one', 'another')).not.toBe(version);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another');
    await expect(secrets.current('one')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
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

  it('is removed at once, but for the queue of a relay that died', async () => {
    const sqs = (action: string, more: Readonly<Record<string, string>> = {}) =>
      askQuery(ministack.endpoint, 'sqs', action, '2012-11-05', more);
    await sqs('CreateQueue', { QueueName: 'kumulus-dev-relay-died' });
    await sqs('CreateQueue', { QueueName: 'kumulus-other-relay-lives' });
    const removed = await run('remove', ['--stage', 'dev']);
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.output.trim().split('\n')).toEqual([
      'kumulus-dev-relay: is not there',
      'kumulus-dev-relay: queues that relays had left are removed: 1',
      'kumulus-dev: is not there',
      'kumulus-dev-data: is not there',
    ]);
    const left = await sqs('ListQueues');
    expect(left).toContain('kumulus-other-relay-lives');
    expect(left).not.toContain('kumulus-dev-relay');
  });
});
