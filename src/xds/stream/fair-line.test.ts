import { describe, expect, it } from 'vitest';
import { createFairCrowd, createFairLine } from './fair-line.ts';

/** A line of `a1`, `b3`: the letter is the group. */
const letters = () => createFairLine<string>((item) => item.charAt(0));

function drain(line: { shift(): string | undefined }): string {
  const order: string[] = [];
  for (let item = line.shift(); item !== undefined; item = line.shift()) {
    order.push(item);
  }
  return order.join(' ');
}

describe('createFairLine', () => {
  it('is a plain line without groups', () => {
    const line = createFairLine<string>();
    for (const item of ['a1', 'b1', 'a2']) {
      line.push(item);
    }
    expect(line.size).toBe(3);
    expect(drain(line)).toBe('a1 b1 a2');
    expect(line.size).toBe(0);
  });

  it.each([
    ['groups take turns', ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'], 'a1 b1 c1 a2 c2 a3'],
    ['within a group the first comes first', ['a3', 'a1', 'a2'], 'a3 a1 a2'],
  ])('%s', (_what, items, order) => {
    const line = letters();
    for (const item of items) {
      line.push(item);
    }
    expect(drain(line)).toBe(order);
  });

  it('gives whoever comes late the next turn', () => {
    const line = letters();
    for (let count = 0; count < 1000; count += 1) {
      line.push(`a${count}`);
    }
    expect(line.shift()).toBe('a0');
    line.push('b0');
    expect([line.shift(), line.shift(), line.shift()]).toEqual(['a1', 'b0', 'a2']);
  });

  it('has groups within groups, which share one turn', () => {
    const line = createFairLine<string>(
      (item) => (item.startsWith('known') ? item : 'strangers'),
      (item) => item.charAt(0),
    );
    for (const item of ['x1', 'x2', 'y1', 'z1', 'known', 'known', 'known']) {
      line.push(item);
    }
    expect(drain(line)).toBe('x1 known y1 known z1 known x2');
  });

  it('passes over those who stepped out, however often they do', () => {
    const line = letters();
    const leave = ['a1', 'a2', 'b1', 'b2'].map((item) => line.push(item));
    leave[0]?.();
    leave[0]?.();
    leave[2]?.();
    expect(line.size).toBe(2);
    expect(line.shift()).toBe('a2');
    leave[1]?.();
    expect(line.size).toBe(1);
    expect(drain(line)).toBe('b2');
    expect(line.size).toBe(0);
  });

  it('tells where somebody would stand', () => {
    const line = letters();
    for (const item of ['a1', 'a2', 'a3', 'b1']) {
      line.push(item);
    }
    expect(line.placeOf('a4')).toEqual({ ahead: 4, own: 3, share: 1 / 2 });
    expect(line.placeOf('b2')).toEqual({ ahead: 3, own: 1, share: 1 / 2 });
    expect(line.placeOf('c1')).toEqual({ ahead: 2, own: 0, share: 1 / 3 });
  });

  it("shares a group's part out between the groups within", () => {
    const line = createFairLine<string>(
      (item) => (item.startsWith('known') ? item : 'strangers'),
      (item) => item.charAt(0),
    );
    for (const item of ['x1', 'x2', 'y1', 'known']) {
      line.push(item);
    }
    expect(line.placeOf('x3')).toEqual({ ahead: 4, own: 2, share: 1 / 4 });
    expect(line.placeOf('z1')).toEqual({ ahead: 3, own: 0, share: 1 / 6 });
    expect(line.placeOf('known')).toEqual({ ahead: 3, own: 1, share: 1 / 2 });
  });

  it('lets go of what it held, whatever comes and goes', () => {
    const line = letters();
    for (let round = 0; round < 10_000; round += 1) {
      line.push(`a${round}`);
      const leave = line.push(`${String.fromCharCode(98 + (round % 20))}${round}`);
      leave();
      expect(line.shift()).toBe(`a${round}`);
    }
    expect(line.size).toBe(0);
    expect(line.shift()).toBeUndefined();
    expect(line.placeOf('a')).toEqual({ ahead: 0, own: 0, share: 1 });
  });
});

describe('createFairCrowd', () => {
  it('takes the newest every other time while there are many, and the oldest of a few', () => {
    const line = createFairCrowd<string>(3, (item) => item.charAt(0));
    const leave = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'b2'].map((item) => line.push(item));
    leave[5]?.();
    expect(drain(line)).toBe('a5 b1 a1 b2 a2 a3 a4');
    expect(line.size).toBe(0);
  });
});
