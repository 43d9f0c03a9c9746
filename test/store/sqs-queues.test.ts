import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';
import { cloudQueues } from '../../functions/queues.ts';
import { isKumulusError } from '../../src/model/errors.ts';
import type { Queues } from '../../src/store/queues.ts';

const never = new AbortController().signal;
let ministack: Ministack;
let queues: Queues;
beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  ministack = await startMinistack();
  queues = cloudQueues(ministack.endpoint);
});
afterAll(async () => {
  await ministack.stop();
  vi.unstubAllEnvs();
});
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: unknown) => (isKumulusError(error) ? error.code : error),
  );

describe('queues on SQS', () => {
  it('hand out what is sent, each text once, and need nobody to delete it', async () => {
    const queue = await queues.create('kumulus-test-relay-1');
    expect(await queues.create('kumulus-test-relay-1')).toBe(queue);
    const texts = Array.from({ length: 12 }, (_, number) => `[["acme","default",${number}]]`);
    await Promise.all(texts.map((text) => queues.send(queue, text)));
    const received = [...(await queues.receive(queue, never)), ...(await queues.receive(queue, never))];
    expect(received.sort()).toStrictEqual([...texts].sort());
    const attributes = await new SQSClient({ endpoint: ministack.endpoint }).send(
      new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }),
    );
    expect(attributes.Attributes).toMatchObject({
      // Hidden for as long as they are kept.
      VisibilityTimeout: '60',
      MessageRetentionPeriod: '60',
      SqsManagedSseEnabled: 'true',
    });
  });

  it('wait for what is sent, and until they are told to stop', async () => {
    const queue = await queues.create('kumulus-test-relay-2');
    const received = queues.receive(queue, never);
    await queues.send(queue, 'hello');
    expect(await received).toStrictEqual(['hello']);
    const stopping = new AbortController();
    const waiting = codeOf(queues.receive(queue, stopping.signal));
    stopping.abort();
    expect(await waiting).toBe('unavailable');
  });

  it('tell that they are gone', async () => {
    const queue = await queues.create('kumulus-test-relay-3');
    await queues.remove(queue);
    await queues.remove(queue);
    expect(await codeOf(queues.send(queue, 'hello'))).toBe('not_found');
    expect(await codeOf(queues.receive(queue, never))).toBe('not_found');
  });

  it('tell that SQS cannot be reached', async () => {
    const unreachable = cloudQueues('http://127.0.0.1:1');
    const address = 'http://127.0.0.1:1/000000000000/kumulus-test-relay-4';
    expect(await codeOf(unreachable.create('kumulus-test-relay-4'))).toBe('unavailable');
    expect(await codeOf(unreachable.send(address, 'hello'))).toBe('unavailable');
    expect(await codeOf(unreachable.remove(address))).toBe('unavailable');
  });
});
