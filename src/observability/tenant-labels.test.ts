import { expect, it } from 'vitest';
import { createTenantLabels, otherLabel } from './tenant-labels.ts';

function world(limit: number) {
  const time = { now: 0 };
  const removed: string[] = [];
  const labels = createTenantLabels({
    limit,
    keepMs: 1_000,
    clock: () => time.now,
    onRemoved: (tenant) => removed.push(tenant),
  });
  return { time, removed, labels };
}

it('gives places to those who come first, and to others when there is room', () => {
  const { time, removed, labels } = world(2);
  expect(labels.enter('a')).toBe('a');
  expect(labels.enter('b')).toBe('b');
  expect(labels.enter('c')).toBe(otherLabel);
  expect(labels.labelOf('c')).toBe(otherLabel);
  time.now = 5;
  labels.leave('b');
  time.now = 10;
  expect(labels.enter('c')).toBe('c');
  expect(removed).toEqual(['b']);
  expect(labels.labelOf('b')).toBe(otherLabel);
});

it('takes the place of whom is gone the longest, and never of whom is connected', () => {
  const { time, removed, labels } = world(2);
  labels.enter('a');
  labels.enter('a');
  labels.enter('b');
  labels.leave('a');
  time.now = 1;
  labels.leave('b');
  labels.enter('b');
  time.now = 2;
  labels.leave('a');
  time.now = 3;
  labels.leave('b');
  labels.enter('c');
  expect(removed).toEqual(['a']);
  labels.enter('d');
  expect(removed).toEqual(['a', 'b']);
  expect(labels.enter('e')).toBe(otherLabel);
  labels.leave(otherLabel);
  expect(labels.labelOf('c')).toBe('c');
});

it('keeps the series of a tenant for a while after its last proxy went', () => {
  const { time, removed, labels } = world(2);
  labels.enter('a');
  labels.leave('a');
  time.now = 1_000;
  labels.sweep();
  expect(removed).toEqual([]);
  labels.enter('a');
  labels.leave('a');
  time.now = 2_001;
  labels.sweep();
  expect(removed).toEqual(['a']);
});
