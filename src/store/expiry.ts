import type { Clock } from '../model/ports.ts';
import type { Condition, Item } from './port.ts';

/** The clock in whole seconds since 1970, as `expiresAt` counts. */
export function nowSeconds(clock: Clock): number {
  return Math.floor(clock() / 1000);
}

/** Whether an item is there at a time: from the second of its `expiresAt` on it counts as absent. */
export function isLive(item: Pick<Item, 'expiresAt'>, seconds: number): boolean {
  return item.expiresAt === undefined || item.expiresAt > seconds;
}

/** Whether a condition holds for the live item that is there, or for none. */
export function holds(condition: Condition, current: Pick<Item, 'version'> | undefined): boolean {
  if ('absent' in condition) {
    return current === undefined;
  }
  if ('present' in condition) {
    return current !== undefined;
  }
  return current?.version === condition.version;
}
