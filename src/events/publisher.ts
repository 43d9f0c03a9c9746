import type { Clock, Logger } from '../model/ports.ts';
import type { TenantId } from '../model/tenant.ts';
import { stamp } from '../store/audit/audit-batch.ts';
import type { Outbox, OutboxEntry } from '../store/outbox/outbox.ts';
import type { ItemKey } from '../store/port.ts';
import type { Publish } from '../store/trail.ts';
import { eventOf, type KumulusEvent } from './event.ts';
import type { EventBus } from './event-bus.ts';

export interface PublisherDeps {
  readonly outbox: Outbox;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Whether a commit is answered after its events are published. A function has to wait, as it stands still once it has
   * answered; a server need not.
   */
  readonly waits: boolean;
}

/** Publishes what happens, at least once. */
export interface Publisher {
  /** Publishes right after a transaction, in the order of the calls. */
  readonly publish: Publish;
  /**
   * Publishes what was left by processes that died between commit and publication, or when the bus was out of reach:
   * what has been in the outbox for `olderThanMs` at least. A job calls it. How many entries it was.
   *
   * @param isOver asked before each entry; what is left when it is so is left to the next sweep.
   */
  sweep(olderThanMs: number, isOver?: () => boolean): Promise<number>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** Transactions that wait in this process at the most; beyond, they are left to the sweep. */
const maxWaiting = 10_000;
/** Transactions whose events go to the bus together. */
const groupSize = 50;
/** How long what is published may stay in the outbox, so that entries are removed together and not between two commits. */
const removalDelayMs = 250;
/** After how many failures in a row a sweep gives up: then it is the bus, and not one entry. */
const sweepPatience = 3;

/** Events of one transaction, and its entry in the outbox. */
interface Waiting {
  readonly tenant: TenantId;
  readonly events: readonly KumulusEvent[];
  readonly key: ItemKey;
  done(): void;
}

/** Creates the publisher of events. */
export function createPublisher({ outbox, bus, clock, logger, waits }: PublisherDeps): Publisher {
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  /** Entries of what is published, to be taken out of the outbox soon, and those on their way out. */
  const published: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  const removals = new Set<Promise<void>>();

  async function remove({ key, tenant, done }: Waiting): Promise<void> {
    try {
      await outbox.remove(key);
    } catch (error) {
      logger.warn('events may be published again', { tenant, error });
    }
    done();
  }

  async function publishGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await bus.publish(group.flatMap(({ events }) => events));
    } catch (error) {
      const tenants = [...new Set(group.map(({ tenant }) => tenant))];
      logger.warn('events could not be published and will be later', { tenants, error });
      for (const { done } of group) {
        done();
      }
      return;
    }
    published.push(...group);
    if (waits || published.length >= groupSize) {
      removePublished();
    } else {
      timer ??= setTimeout(removePublished, removalDelayMs).unref();
    }
  }

  /** Not waited for, as what comes next may be published meanwhile. */
  function removePublished(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const each of published.splice(0)) {
      const removal: Promise<void> = remove(each).finally(() => removals.delete(removal));
      removals.add(removal);
    }
  }

  /** One group after the other, so that a listener hears of revisions in their order. */
  async function run(): Promise<void> {
    while (waiting.length > 0) {
      await publishGroup(waiting.splice(0, groupSize));
    }
    running = undefined;
  }

  async function sweepEntry(entry: OutboxEntry): Promise<boolean> {
    try {
      const records = await outbox.records(entry);
      await bus.publish(records.map((record) => eventOf(entry.tenant, record, record)));
      await outbox.remove(entry.key);
      return true;
    } catch (error) {
      logger.warn('events that were left could not be published', {
        tenant: entry.tenant,
        entry: entry.key.sort,
        error,
      });
      return false;
    }
  }

  return {
    async publish({ tenant, id, time, drafts }, key) {
      if (waiting.length >= maxWaiting) {
        return;
      }
      const events = drafts.map((draft, position) => eventOf(tenant, draft, stamp(id, time, position)));
      const published = new Promise<void>((done) => waiting.push({ tenant, events, key, done }));
      running ??= run();
      if (waits) {
        await published;
      }
    },
    async sweep(olderThanMs, isOver = () => false) {
      let swept = 0;
      let failures = 0;
      for await (const entry of outbox.entries(clock() - olderThanMs)) {
        if (isOver()) {
          break;
        }
        const done = await sweepEntry(entry);
        swept += done ? 1 : 0;
        failures = done ? 0 : failures + 1;
        if (failures === sweepPatience) {
          break;
        }
      }
      if (swept > 0) {
        logger.info('events were published that had been left', { transactions: swept });
      }
      return swept;
    },
    async idle() {
      while (running !== undefined || published.length > 0 || removals.size > 0) {
        removePublished();
        await Promise.all([running, ...removals]);
      }
    },
  };
}
