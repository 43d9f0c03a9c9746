import { describe, expect, it } from 'vitest';
import { KumulusError } from '../model/errors.ts';
import { createMeasuredItems } from './measured-items.ts';
import { ConditionFailedError, type ItemStore, systemOwner } from './port.ts';

const key = { partition: 'p', sort: 's' };
const item = { ...key, version: 1, value: 'x' };

/** A table whose every call takes 7 ms and ends as told. */
function world(failure?: Error) {
  const told: [string, string, number][] = [];
  let now = 100;
  let closed = false;
  const end = <Answer>(answer: Answer): Promise<Answer> => {
    now += 7;
    return failure === undefined ? Promise.resolve(answer) : Promise.reject(failure);
  };
  const items: ItemStore = {
    get: () => end(item),
    batchGet: () => end([item]),
    query: () => end({ items: [item] }),
    peek: () => end([item]),
    transact: () => end(undefined),
    close: async () => {
      closed = true;
    },
  };
  const measured = createMeasuredItems({
    items,
    telemetry: { storeCalled: (call, outcome, ms) => void told.push([call, outcome, ms]) },
    now: () => now,
  });
  return { told, measured, isClosed: () => closed };
}

describe('createMeasuredItems', () => {
  it('passes on what the table answers and tells of each call', async () => {
    const { told, measured, isClosed } = world();
    expect(await measured.get(systemOwner, key)).toBe(item);
    expect(await measured.batchGet(systemOwner, [key])).toEqual([item]);
    expect(await measured.peek([{ owner: systemOwner, ...key }])).toEqual([item]);
    expect(await measured.query(systemOwner, { partition: 'p' })).toEqual({ items: [item] });
    await measured.transact(systemOwner, []);
    await measured.close();
    expect(isClosed()).toBe(true);
    expect(told).toEqual([
      ['get', 'ok', 7],
      ['batchGet', 'ok', 7],
      ['batchGet', 'ok', 7],
      ['query', 'ok', 7],
      ['transact', 'ok', 7],
    ]);
  });

  it.each([
    { error: new ConditionFailedError([0]), outcome: 'condition_failed' },
    { error: new KumulusError('unavailable', 'throttled'), outcome: 'unavailable' },
    { error: new KumulusError('payload_too_large', 'too large'), outcome: 'payload_too_large' },
    { error: new TypeError('a mistake'), outcome: 'internal' },
  ])('$outcome', async ({ error, outcome }) => {
    const { told, measured } = world(error);
    await expect(measured.transact(systemOwner, [])).rejects.toBe(error);
    await expect(measured.get(systemOwner, key)).rejects.toBe(error);
    expect(told).toEqual([
      ['transact', outcome, 7],
      ['get', outcome, 7],
    ]);
  });
});
