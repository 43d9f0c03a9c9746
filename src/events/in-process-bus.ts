import type { Logger } from '../model/ports.ts';
import type { KumulusEvent } from './event.ts';
import type { EventBus } from './event-bus.ts';

/** A bus within one process. */
export interface InProcessBus extends EventBus {
  /** Calls back for each event that is published from now on; what it returns stops that. */
  subscribe(listener: (event: KumulusEvent) => void): () => void;
}

/** Creates a bus for the local server: everybody who listens is told at once, and nobody keeps anything. */
export function createInProcessBus(logger: Logger): InProcessBus {
  const listeners = new Set<(event: KumulusEvent) => void>();
  return {
    async publish(events) {
      for (const event of events) {
        for (const listener of listeners) {
          try {
            listener(event);
          } catch (error) {
            logger.error('a listener of events failed', { event: event.id, error });
          }
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
