import { isKumulusError } from '../model/errors.ts';
import type { StoreCall, StoreOutcome, Telemetry } from '../model/telemetry.ts';
import { ConditionFailedError, type ItemStore } from './port.ts';

export interface MeasuredItemsDeps {
  readonly items: ItemStore;
  readonly telemetry: Pick<Telemetry, 'storeCalled'>;
  /** A clock in milliseconds that only goes forward; the process's own unless told. */
  readonly now?: () => number;
}

function outcomeOf(error: unknown): StoreOutcome {
  if (error instanceof ConditionFailedError) {
    return 'condition_failed';
  }
  return isKumulusError(error) ? error.code : 'internal';
}

/** Tells of every call of a table, of either engine, how it ended and how long it took. */
export function createMeasuredItems(deps: MeasuredItemsDeps): ItemStore {
  const { items, telemetry, now = () => performance.now() } = deps;

  async function measure<Answer>(call: StoreCall, answer: () => Promise<Answer>): Promise<Answer> {
    const start = now();
    let outcome: StoreOutcome = 'ok';
    try {
      return await answer();
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      telemetry.storeCalled(call, outcome, now() - start);
    }
  }

  return {
    ...items,
    get: (owner, key) => measure('get', () => items.get(owner, key)),
    batchGet: (owner, keys) => measure('batchGet', () => items.batchGet(owner, keys)),
    query: (owner, query) => measure('query', () => items.query(owner, query)),
    peek: (keys) => measure('batchGet', () => items.peek(keys)),
    transact: (owner, operations) => measure('transact', () => items.transact(owner, operations)),
  };
}
