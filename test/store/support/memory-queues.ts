import { KumulusError } from '../../../src/model/errors.ts';
import type { Queues } from '../../../src/store/queues.ts';

/** Queues in memory, with what SQS allows itself: texts may be doubled, and handed out in any order. */
export interface MemoryQueues extends Queues {
  /** The addresses of those that there are. */
  addresses(): readonly string[];
  /** What is made of texts that are sent: those that are handed out, in this order. */
  delivers: (text: string) => readonly string[];
  /** Nothing is sent, received, made or removed while it is. */
  isBroken: boolean;
}

interface MemoryQueue {
  readonly texts: string[];
  /** Looks again. */
  readonly waiting: Set<() => void>;
}

/** Creates them, without a queue. */
export function createMemoryQueues(): MemoryQueues {
  const queues = new Map<string, MemoryQueue>();
  const find = (address: string): MemoryQueue => {
    if (memory.isBroken) {
      throw new KumulusError('unavailable', 'the queues are out of order');
    }
    const queue = queues.get(address);
    if (queue === undefined) {
      throw new KumulusError('not_found', 'the queue is gone');
    }
    return queue;
  };
  const wake = ({ waiting }: MemoryQueue) => {
    for (const look of waiting) {
      look();
    }
  };
  const memory: MemoryQueues = {
    delivers: (text) => [text],
    isBroken: false,
    addresses: () => [...queues.keys()],
    async create(name) {
      const address = `memory:${name}`;
      queues.set(address, queues.get(address) ?? { texts: [], waiting: new Set() });
      find(address);
      return address;
    },
    async send(address, text) {
      const queue = find(address);
      queue.texts.push(...memory.delivers(text));
      wake(queue);
    },
    async receive(address, signal) {
      for (;;) {
        const { texts, waiting } = find(address);
        if (texts.length > 0) {
          return texts.splice(0);
        }
        await new Promise<void>((resolve, reject) => {
          const stop = () => reject(signal.reason);
          signal.addEventListener('abort', stop, { once: true });
          const look = () => {
            signal.removeEventListener('abort', stop);
            waiting.delete(look);
            resolve();
          };
          waiting.add(look);
        });
      }
    },
    async remove(address) {
      if (memory.isBroken) {
        throw new KumulusError('unavailable', 'the queues are out of order');
      }
      const queue = queues.get(address);
      queues.delete(address);
      if (queue !== undefined) {
        wake(queue);
      }
    },
  };
  return memory;
}
