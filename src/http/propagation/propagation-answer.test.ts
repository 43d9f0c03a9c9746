import { describe, expect, it } from 'vitest';
import type { BehindProxy, MeshPropagation, RelayProgress } from '../../store/propagation.ts';
import { propagationAnswer } from './propagation-answer.ts';

const behind = (name: string, rest: Partial<BehindProxy> = {}): BehindProxy => ({
  ...{ name, has: 6, given: 7, since: 1_000, reason: 'not_acknowledged' },
  ...rest,
});
const mesh = (...relays: readonly RelayProgress[]): MeshPropagation => ({
  revision: 9,
  dataplanes: 10,
  relays: new Map(relays.map((relay, at) => [`relay-${at}`, relay])),
});

describe('the answer to how far a revision has got', () => {
  it('names none that the caller may not read of, and counts them', () => {
    const found = mesh({
      told: 9,
      proxies: 5,
      behind: [{ has: 6, proxies: 3, failed: 0 }],
      named: [behind('mine'), behind('yours'), behind('theirs')],
    });
    const { proxies, waitingFor, unnamed } = propagationAnswer('shop', 7, found, new Set(['mine']));
    expect(proxies).toEqual({ connected: 5, have: 2, waiting: 3, failed: 0, offline: 5 });
    expect(waitingFor.map(({ name }) => name)).toEqual(['mine']);
    expect(unnamed).toBe(2);
  });

  it.each([
    [5, { have: 6, waiting: 0, failed: 0 }],
    [6, { have: 5, waiting: 0, failed: 1 }],
    [7, { have: 3, waiting: 2, failed: 1 }],
    [9, { have: 3, waiting: 2, failed: 1 }],
  ])('of revision %d counts who has it or a newer one', (revision, counts) => {
    const found = mesh({
      told: 9,
      proxies: 6,
      behind: [
        { has: 5, proxies: 1, failed: 1 },
        { has: 6, proxies: 2, failed: 0 },
      ],
      named: [],
    });
    expect(propagationAnswer('shop', revision, found, 'all').proxies).toMatchObject(counts);
  });

  it('takes nobody for failed where the relay has yet to tell them', () => {
    const refused = behind('web-1', { reason: 'refused', typeUrl: 'x', message: 'no' });
    const counts = [{ has: 6, proxies: 1, failed: 1 }];
    const found = mesh({ told: 7, proxies: 2, behind: counts, named: [refused] });
    expect(propagationAnswer('shop', 7, found, 'all')).toMatchObject({
      proxies: { waiting: 0, failed: 1 },
      waitingFor: [{ reason: 'refused', message: 'no' }],
    });
    const later = propagationAnswer('shop', 8, found, 'all');
    expect(later.proxies).toMatchObject({ waiting: 2, failed: 0 });
    expect(later.waitingFor).toEqual([
      { name: 'web-1', has: 6, given: 7, since: '1970-01-01T00:00:01.000Z', reason: 'not_given' },
    ]);
  });

  it('has none offline where proxies are counted at two relays for a moment', () => {
    const relay = { told: 9, proxies: 8, behind: [], named: [] };
    expect(propagationAnswer('shop', 9, mesh(relay, relay), 'all').proxies).toMatchObject({
      connected: 16,
      offline: 0,
    });
  });
});
