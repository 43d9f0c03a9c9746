import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createOpenStreams, type OpenStreams } from './open-streams.ts';

let streams: OpenStreams<EventEmitter>;
let ends: string[];
let start: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  streams = createOpenStreams({ breakConnection() {}, farewellMs: 1_000 });
  ends = [];
  start = performance.now();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream whose end is told as the name and the milliseconds since the start. */
function open(name: string) {
  const stream = streams.add(new EventEmitter(), (reason) => {
    stream.remove();
    ends.push(`${name} ${reason} ${performance.now() - start}`);
  });
  return stream;
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('streams that are ended in step', () => {
  it('go one by one, evenly over the grace period', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      open(name);
    }
    const drained = streams.drain(1_000, () => 'bye');
    await pass(10_000);
    await drained;
    expect(ends).toEqual(['a bye 0', 'b bye 250', 'c bye 500', 'd bye 750']);
  });

  it('go in the time of those that went by themselves, and nobody waits for who is not there', async () => {
    const [, b] = [open('a'), open('b'), open('c'), open('d')];
    const drained = streams.drain(1_000, () => 'bye');
    b.remove();
    await pass(500);
    await drained;
    expect(ends).toEqual(['a bye 0', 'c bye 250', 'd bye 500']);
  });

  it('end at once where they are opened meanwhile', async () => {
    open('a');
    open('b');
    const drained = streams.drain(1_000, () => 'bye');
    await pass(100);
    open('late');
    await pass(0);
    expect(ends).toEqual(['a bye 0', 'late bye 100']);
    await pass(1_000);
    await drained;
    expect(ends.slice(2)).toEqual(['b bye 500']);
  });
});
