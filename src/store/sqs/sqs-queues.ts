import {
  CreateQueueCommand,
  DeleteQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { KumulusError } from '../../model/errors.ts';
import { longestWaitSeconds, type Queues } from '../queues.ts';

export interface SqsQueuesOptions {
  /** Its requests must be let last longer than {@link longestReceiveMs}; the others end by themselves. */
  readonly client: SQSClient;
}

/** After which a request that waits for messages has not been answered and will not be, in milliseconds. */
export const longestReceiveMs = (longestWaitSeconds + 5) * 1_000;
/** The same for all others: SQS answers them within some 10 ms. */
const longestMs = 3_000;
/** As many as one request hands out at the most. */
const messagesAtOnce = 10;

/**
 * How long a message is kept, the shortest that SQS takes. It is hidden for as long once it was handed out, so nobody has
 * to delete it, which would be a request for each.
 */
const keptSeconds = '60';

/** Queues on Amazon SQS (standard ones). */
export function createSqsQueues({ client }: SqsQueuesOptions): Queues {
  const within = () => ({ abortSignal: AbortSignal.timeout(longestMs) });
  return {
    async create(name) {
      const command = new CreateQueueCommand({
        QueueName: name,
        Attributes: {
          MessageRetentionPeriod: keptSeconds,
          VisibilityTimeout: keptSeconds,
          SqsManagedSseEnabled: 'true',
        },
      });
      const { QueueUrl: queue } = await told(client.send(command, within()));
      if (queue === undefined) {
        throw new KumulusError('unavailable', 'SQS made a queue without an address');
      }
      return queue;
    },
    async send(queue, text) {
      const command = new SendMessageCommand({ QueueUrl: queue, MessageBody: text });
      await told(client.send(command, within()));
    },
    async receive(queue, signal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: queue,
        WaitTimeSeconds: longestWaitSeconds,
        MaxNumberOfMessages: messagesAtOnce,
      });
      const { Messages: messages = [] } = await told(client.send(command, { abortSignal: signal }));
      return messages.flatMap(({ Body: text }) => (text === undefined ? [] : [text]));
    },
    async remove(queue) {
      try {
        await client.send(new DeleteQueueCommand({ QueueUrl: queue }), within());
      } catch (error) {
        if (!(error instanceof QueueDoesNotExist)) {
          throw unavailable(error);
        }
      }
    },
  };
}

async function told<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof QueueDoesNotExist
      ? new KumulusError('not_found', 'the queue is gone', { cause: error })
      : unavailable(error);
  }
}

function unavailable(cause: unknown): KumulusError {
  return new KumulusError('unavailable', 'SQS did not do what it was asked', { cause });
}
