import { DeleteQueueCommand, paginateListQueues, type SQSClient } from '@aws-sdk/client-sqs';

/**
 * Removes the queues that relays of a stage made and did not remove themselves, because they died (`KUMULUS_QUEUE_PREFIX` in
 * `infra/relay.yml`). No stack knows of them.
 *
 * @returns how many there were
 */
export async function removeQueues(client: SQSClient, stage: string): Promise<number> {
  const queues: string[] = [];
  const order = { QueueNamePrefix: `kumulus-${stage}-relay-` };
  for await (const { QueueUrls = [] } of paginateListQueues({ client, pageSize: 1000 }, order)) {
    queues.push(...QueueUrls);
  }
  for (const QueueUrl of queues) {
    await client.send(new DeleteQueueCommand({ QueueUrl }));
  }
  return queues.length;
}
