import { randomUUID } from 'node:crypto';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventSchema, type KumulusEvent } from '../../src/events/event.ts';
import { createEventBridgeBus } from '../../src/events/event-bridge-bus.ts';
import { createHistory } from '../../src/events/history.ts';
import type { Author } from '../../src/model/author.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createDynamoStore } from '../../src/store/dynamodb/dynamo-store.ts';
import type { ItemStore } from '../../src/store/port.ts';
import { startDynamoDb, type TestDynamoDb } from '../store/support/dynamodb.ts';
import { testSecretBox } from '../store/support/secret-box.ts';
import { putIn, putMesh } from '../store/support/world.ts';

/** Another endpoint than ministack's may have no EventBridge. */
const hasEventBridge = (process.env.DYNAMODB_ENDPOINT ?? '') === '';

let aws: TestDynamoDb;
let items: ItemStore;
let client: EventBridgeClient;
beforeAll(async () => {
  aws = await startDynamoDb();
  items = createDynamoStore(aws);
  client = new EventBridgeClient(aws);
});
afterAll(async () => {
  client.destroy();
  await items.close();
  await aws.stop();
});

/** Asks SQS in its JSON protocol; there is no other use for its client. */
async function sqs(action: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(aws.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${aws.region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  return Object(await response.json());
}

/** A bus whose events end up in a queue; gives back what is in it. */
async function queueBehind(bus: string): Promise<() => Promise<Record<string, unknown>[]>> {
  const queue = await sqs('CreateQueue', { QueueName: bus });
  const queueUrl = String(queue.QueueUrl);
  const { Attributes } = await sqs('GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: ['QueueArn'],
  });
  await client.send(new CreateEventBusCommand({ Name: bus }));
  const rule = { EventBusName: bus, Rule: 'all' };
  const pattern = JSON.stringify({ source: ['kumulus'], detail: { tenant: ['acme'] } });
  await client.send(new PutRuleCommand({ EventBusName: bus, Name: 'all', EventPattern: pattern }));
  const target = { Id: 'queue', Arn: String(Object(Attributes).QueueArn) };
  await client.send(new PutTargetsCommand({ ...rule, Targets: [target] }));
  return async () => {
    const found: Record<string, unknown>[] = [];
    for (;;) {
      const { Messages } = await sqs('ReceiveMessage', { QueueUrl: queueUrl, MaxNumberOfMessages: 10 });
      if (!Array.isArray(Messages) || Messages.length === 0) {
        return found;
      }
      for (const { Body, ReceiptHandle } of Messages) {
        found.push(JSON.parse(String(Body)));
        await sqs('DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle });
      }
    }
  };
}

function openStore(bus: string, broken = false) {
  const publisher = createEventBridgeBus({ client, bus, maxAttempts: 1 });
  const history = createHistory({
    items,
    clock: Date.now,
    ids: randomUUID,
    logger: silentLogger,
    retentionDays: () => 90,
    bus: broken ? { publish: () => Promise.reject(new Error('out of reach')) } : publisher,
    waits: true,
  });
  const store = createResourceStore({
    items,
    secretBox: testSecretBox,
    isSecret: () => false,
    clock: Date.now,
    logger: silentLogger,
    trail: history.trail,
  });
  return { store, history };
}

it.runIf(hasEventBridge)(
  'events reach who has a rule on the bus, those that were left included',
  async () => {
    const acme = tenantId('acme');
    const alice: Author = { user: 'alice', groups: [], requestId: 'r-1', source: 'api' };
    const received = await queueBehind('kumulus-events');
    const { store, history } = openStore('kumulus-events');
    await store.commit(acme, [putMesh('default')], alice);
    const many = Array.from({ length: 23 }, (_, n) => putIn('default', `n-${n}`));
    await store.commit(acme, many, alice);
    const messages = await received();
    const events: KumulusEvent[] = messages.map(({ detail }) => eventSchema.parse(detail));
    expect(new Set(messages.map((message) => message['detail-type']))).toStrictEqual(
      new Set(['ResourceCreated']),
    );
    expect(events.map(({ subject }) => subject).sort()).toStrictEqual(
      ['Mesh/default', ...many.map((_, n) => `MeshTimeout/default/n-${n}`)].sort(),
    );
    expect(events.find(({ subject }) => subject === 'MeshTimeout/default/n-7')).toMatchObject({
      tenant: 'acme',
      mesh: 'default',
      revision: 2,
      data: { author: { user: 'alice', source: 'api', requestId: 'r-1' } },
    });

    const { store: failing } = openStore('kumulus-events', true);
    await failing.commit(acme, [putIn('default', 'late')], alice);
    await store.commit(tenantId('other'), [putMesh('default')], alice);
    expect(await received()).toStrictEqual([]);
    expect(await history.publisher?.sweep(0)).toBe(1);
    expect((await received()).map(({ detail }) => eventSchema.parse(detail).subject)).toStrictEqual([
      'MeshTimeout/default/late',
    ]);
  },
);
