import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { expect, it, onTestFinished, vi } from 'vitest';
import { callsOf, cloudEnvironment, newTenant } from '../../dev/bench/cloud.ts';
import { startMinistack } from '../../dev/ministack.ts';
import { createApiHandler } from '../../functions/api-handler.ts';
import { startChild } from '../support/child.ts';

const token = { mesh: 'default', name: 'web-1', validFor: '1h' };

it('another master key takes the place of the old one: by a setting, and then for all that is there', async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const ministack = await startMinistack();
  onTestFinished(() => ministack.stop());
  const before = await cloudEnvironment(ministack.endpoint);
  const admin = await newTenant(createApiHandler(before), 'acme');
  const kms = new KMSClient({ endpoint: ministack.endpoint });
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
  const after = { ...before, KUMULUS_KMS_KEY: key?.Arn ?? '' };
  const both = { ...after, KUMULUS_PREVIOUS_KMS_KEYS: before.KUMULUS_KMS_KEY ?? '' };

  /** Signing keys are secrets. */
  const issue = (environment: NodeJS.ProcessEnv) =>
    callsOf(createApiHandler(environment), admin)('POST', '/tokens/dataplane', token);
  await expect(issue(after)).rejects.toThrow(/50\d/);
  expect(await issue(both)).not.toBe('');

  const program = startChild(process.execPath, ['dist/dev/reseal.js'], { env: both });
  expect(await program.ended).toStrictEqual({ code: 0, signal: null });
  expect(program.stdout()).toMatch(/^acme: [1-9]\d* secrets\n$/);
  expect(await issue(after)).not.toBe('');
});

it('the program tells what it was not told', async () => {
  const program = startChild(process.execPath, ['dist/dev/reseal.js'], { env: { KUMULUS_TABLE: 'kumulus' } });
  expect(await program.ended).toMatchObject({ code: 1 });
  expect(program.stderr()).toContain('KUMULUS_KMS_KEY must be set');
});
