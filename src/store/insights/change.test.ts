import { describe, expect, it } from 'vitest';
import type { Insight, InsightContent, InsightRecord, Subscription } from '../insights.ts';
import { applyChange, changeTo } from './change.ts';
import { decodeInsight, encodeInsight } from './record.ts';

const made = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:01:00.000Z';

const version = { kumaDp: { version: '2.13.10' }, envoy: { version: '1.36.4' }, dependencies: {} };

function subscription(id: string, more: Partial<Subscription> = {}): Subscription {
  return { id, controlPlaneInstanceId: 'relay', connectTime: made, stats: {}, version, ...more };
}

const full: Subscription = subscription('full', {
  disconnectTime: later,
  lastUpdateTime: later,
  stats: {
    total: { responsesSent: 3, responsesAcknowledged: 2, responsesRejected: 1 },
    sds: { responsesSent: 0, responsesAcknowledged: 0, responsesRejected: 0 },
  },
  givenRevision: 7,
  acknowledgedRevision: 0,
  refused: ['lds'],
  lastNack: { typeUrl: 'x', message: 'tab\tand\nline', time: later },
});
const { version: _, ...bare } = subscription('bare');

const mtls = {
  certificateExpirationTime: later,
  lastCertificateRegeneration: made,
  certificateRegenerations: 1,
  issuedBackend: 'ca-1',
  supportedBackends: ['ca-1'],
};

const contents: Readonly<Record<string, InsightContent>> = {
  empty: { subscriptions: [] },
  one: { subscriptions: [subscription('1')] },
  'one that sent something': {
    subscriptions: [
      subscription('1', { lastUpdateTime: later, stats: { cds: full.stats.total ?? never() } }),
    ],
  },
  two: { subscriptions: [subscription('1', { disconnectTime: later }), subscription('2')] },
  'two the other way around': {
    subscriptions: [subscription('2'), subscription('1', { disconnectTime: later })],
  },
  'everything that there is': { subscriptions: [full, subscription('2')], mtls, metadata: { a: [1] } },
  'without a version in between': { subscriptions: [subscription('1'), bare, subscription('2')] },
  'another version': { subscriptions: [subscription('1'), subscription('2', { version: 1 })] },
  'no value for metadata': {
    subscriptions: [bare],
    mtls: { ...mtls, supportedBackends: [] },
    metadata: null,
  },
};

function never(): never {
  throw new Error('it is there');
}

function insight(content: InsightContent, version: number, modificationTime: string): Insight {
  return { mesh: 'm', name: 'n', ...content, creationTime: made, modificationTime, version };
}

function record(one: Insight): InsightRecord {
  const text = encodeInsight(one, one.creationTime, one.modificationTime);
  return { name: one.name, version: one.version, text };
}

describe('an insight', () => {
  it.each(Object.entries(contents))('is read as it was written: %s', (_, content) => {
    const one = insight(content, 3, later);
    expect(decodeInsight('m', record(one))).toStrictEqual(one);
  });

  const steps = Object.keys(contents).flatMap((from) =>
    Object.keys(contents).map((to) => [from, to] as const),
  );
  it.each(steps)('goes from %s to %s by a change, which leads to the same text', (from, to) => {
    const before = insight(contents[from] ?? never(), 1, made);
    const after = insight(contents[to] ?? never(), 2, later);
    const change = JSON.parse(JSON.stringify(changeTo(before, after, after)));
    expect(applyChange(record(before), change, later)).toStrictEqual(record(after));
  });

  it.each(Object.entries(contents))('is made by a change: %s', (_, content) => {
    const after = insight(content, 1, made);
    const change = JSON.parse(JSON.stringify(changeTo(undefined, after, after)));
    expect(applyChange(undefined, change, made)).toStrictEqual(record(after));
    const old = insight({ subscriptions: [full] }, 9, later);
    expect(applyChange(record(old), change, made)).toStrictEqual(record(after));
  });

  it('is deleted by its name, and cannot be changed after that', () => {
    const one = insight(contents.one ?? never(), 1, made);
    expect(applyChange(record(one), ['n'], later)).toBeUndefined();
    const change = changeTo(one, { subscriptions: [] }, { ...one, version: 2 });
    expect(() => applyChange(undefined, change, later)).toThrow(
      'the journal changes the insight of n, which is not there',
    );
  });

  it('takes few bytes to change, whatever it has been through', () => {
    const many = Array.from({ length: 10 }, (_, n) => subscription(`${n}`, { disconnectTime: later }));
    const before = insight({ subscriptions: many, mtls }, 1, made);
    const next = [...many.slice(0, 9), { ...subscription('9'), lastUpdateTime: later }];
    const change = changeTo(before, { ...before, subscriptions: next }, { ...before, version: 2 });
    expect(JSON.stringify(change).length).toBeLessThan(200);
  });
});
