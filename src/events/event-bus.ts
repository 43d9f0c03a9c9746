import type { KumulusEvent } from './event.ts';

/** Where events go. */
export interface EventBus {
  /**
   * Publishes, in the order of the list where the bus has an order; resolves when the bus has taken all.
   *
   * @throws KumulusError `unavailable` where it has not: some may be published then, and will be again.
   */
  publish(events: readonly KumulusEvent[]): Promise<void>;
}
