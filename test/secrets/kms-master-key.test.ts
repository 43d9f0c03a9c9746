import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, DisableKeyCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../dev/tools/free-port.ts';
import { ministackCommand } from '../../dev/tools/ministack.ts';
import { isKumulusError } from '../../src/model/errors.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createKmsMasterKey } from '../../src/secrets/kms-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');

/** The command that starts a local AWS, where one is installed. */
const command = (() => {
  try {
    return ministackCommand();
  } catch (error) {
    if (isKumulusError(error, 'not_found')) return undefined;
    throw error;
  }
})();

function clientAt(port: number): KMSClient {
  return new KMSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
}

describe.skipIf(command === undefined)('a master key in KMS', () => {
  let folder: string;
  let stack: ChildProcess;
  let client: KMSClient;
  beforeAll(async () => {
    if (command === undefined) return;
    folder = await mkdtemp(join(tmpdir(), 'kms-'));
    const port = await freePort();
    const env = { ...process.env, ...command.env, BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port) };
    stack = spawn(command.program, command.args, { cwd: folder, env, stdio: 'ignore' });
    client = clientAt(port);
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const ready = await client.send(new ListKeysCommand({})).then(
        () => true,
        () => new Promise<false>((resolve) => setTimeout(resolve, 50, false)),
      );
      if (ready) return;
    }
    throw new Error('ministack did not start within 30 s');
  });
  afterAll(async () => {
    client.destroy();
    stack.kill();
    if (stack.exitCode === null) await once(stack, 'exit');
    await rm(folder, { recursive: true });
  });

  async function newKey(): Promise<string> {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec: 'SYMMETRIC_DEFAULT' }));
    return KeyMetadata?.Arn ?? expect.fail('no key was made');
  }
  const boxOf = (keyId: string, previousKeyIds: readonly string[] = []) =>
    createSecretBox({ master: createKmsMasterKey({ client, keyId, previousKeyIds }), clock: () => 0 });

  it('opens in another process what it sealed in this one', async () => {
    const key = await newKey();
    const sealed = await boxOf(key).seal(acme, 'a secret');
    expect(sealed).toMatch(/^v1\.kms-[0-9a-f]{16}\./);
    expect(sealed).not.toContain(key);
    expect(await boxOf(key).open(acme, sealed)).toBe('a secret');
  });

  it('does not open for another tenant', async () => {
    const key = await newKey();
    const sealed = await boxOf(key).seal(acme, 'a secret');
    await expect(boxOf(key).open(globex, sealed)).rejects.toMatchObject({ code: 'internal' });
  });

  it('does not open what was changed', async () => {
    const key = await newKey();
    const [version, id, wrapped = '', body] = (await boxOf(key).seal(acme, 'a secret')).split('.');
    const middle = Math.floor(wrapped.length / 2);
    const changed =
      wrapped.slice(0, middle) + (wrapped[middle] === 'A' ? 'B' : 'A') + wrapped.slice(middle + 1);
    await expect(boxOf(key).open(acme, [version, id, changed, body].join('.'))).rejects.toMatchObject({
      code: 'internal',
    });
  });

  it('opens what a previous key wrapped, while it is configured', async () => {
    const [old, young] = [await newKey(), await newKey()];
    const sealed = await boxOf(old).seal(acme, 'a secret');
    expect(await boxOf(young, [old]).open(acme, sealed)).toBe('a secret');
    await expect(boxOf(young).open(acme, sealed)).rejects.toMatchObject({
      code: 'internal',
      message: /^secret was sealed under key kms-[0-9a-f]{16}, which is not configured$/,
    });
  });

  it.each([
    [
      'a key that does not exist',
      async () => 'arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-0000-0000-000000000000',
      'NotFoundException',
    ],
    [
      'a key that was disabled',
      async () => {
        const key = await newKey();
        await client.send(new DisableKeyCommand({ KeyId: key }));
        return key;
      },
      'DisabledException',
    ],
  ])('says that KMS refuses %s', async (_, make, name) => {
    await expect(boxOf(await make()).seal(acme, 'x')).rejects.toMatchObject({
      code: 'internal',
      message: `KMS refuses the key: ${name}`,
    });
  });
});

it('a KMS that does not answer is a reason to come back', async () => {
  const client = clientAt(await freePort());
  const master = createKmsMasterKey({ client, keyId: 'key' });
  await expect(master.generate(acme)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'KMS does not answer, try again',
    retryAfterSeconds: 1,
  });
  client.destroy();
});
