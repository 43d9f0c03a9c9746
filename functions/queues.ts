import { requestTimeouts } from '../src/store/dynamodb/timeouts.ts';
import type { Queues } from '../src/store/queues.ts';

/**
 * Queues on SQS. The client is loaded with the first one that is to be reached, so that reads start without it.
 *
 * @param endpoint Where SQS is, where it is not AWS's own.
 */
export function cloudQueues(endpoint: string | undefined): Queues {
  let loaded: Promise<Queues> | undefined;
  const load = async (): Promise<Queues> => {
    const [{ SQSClient }, { createSqsQueues, longestReceiveMs }] = await Promise.all([
      import('@aws-sdk/client-sqs'),
      import('../src/store/sqs/sqs-queues.ts'),
    ]);
    const client = new SQSClient({
      ...(endpoint === undefined ? {} : { endpoint }),
      // Addresses are told by items of the table: they say which queue, not where requests go.
      useQueueUrlAsEndpoint: false,
      // What is lost is found in the feed, and whoever listens tries again by itself.
      maxAttempts: 1,
      requestHandler: requestTimeouts(longestReceiveMs),
    });
    return createSqsQueues({ client });
  };
  const queues = (): Promise<Queues> => {
    loaded ??= load();
    return loaded;
  };
  return {
    create: async (name) => (await queues()).create(name),
    send: async (queue, text) => (await queues()).send(queue, text),
    receive: async (queue, signal) => (await queues()).receive(queue, signal),
    remove: async (queue) => (await queues()).remove(queue),
  };
}
