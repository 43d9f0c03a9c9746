import { describe, expect, it } from 'vitest';
import type { Insight, Subscription } from '../store/insights.ts';
import { insightResource, isOnline } from './insight-json.ts';

const subscription: Subscription = {
  id: 's-1',
  controlPlaneInstanceId: 'relay-1',
  connectTime: '2026-01-01T00:00:00.000Z',
  lastUpdateTime: '2026-01-01T00:00:05.000Z',
  stats: { total: { responsesSent: 3, responsesAcknowledged: 2, responsesRejected: 0 } },
  version: { kumaDp: { version: '2.13.10' } },
  acknowledgedRevision: 7,
};

function insightOf(...subscriptions: readonly Subscription[]): Insight {
  return {
    mesh: 'default',
    name: 'web',
    subscriptions,
    creationTime: '2026-01-01T00:00:00.000Z',
    modificationTime: '2026-01-01T00:00:05.000Z',
    version: 2,
  };
}

const alive = () => true;
const dead = () => false;

describe('insights', () => {
  it('are written as the reference writes them: counts as text, nothing where there is nothing', () => {
    expect(insightResource(insightOf(subscription), alive)).toEqual({
      type: 'DataplaneInsight',
      mesh: 'default',
      name: 'web',
      labels: {},
      creationTime: '2026-01-01T00:00:00.000Z',
      modificationTime: '2026-01-01T00:00:05.000Z',
      version: 2,
      spec: {
        subscriptions: [
          {
            id: 's-1',
            controlPlaneInstanceId: 'relay-1',
            connectTime: '2026-01-01T00:00:00.000Z',
            status: {
              lastUpdateTime: '2026-01-01T00:00:05.000Z',
              total: { responsesSent: '3', responsesAcknowledged: '2' },
              cds: {},
              eds: {},
              lds: {},
              rds: {},
            },
            version: { kumaDp: { version: '2.13.10' } },
            acknowledgedRevision: 7,
          },
        ],
      },
    });
  });

  it('are online while a subscription is open at a relay that lives', () => {
    const closed = { ...subscription, disconnectTime: '2026-01-01T00:01:00.000Z' };
    expect(isOnline(undefined, alive)).toBe(false);
    expect(isOnline(insightOf(), alive)).toBe(false);
    expect(isOnline(insightOf(closed), alive)).toBe(false);
    expect(isOnline(insightOf(closed, subscription), alive)).toBe(true);
    expect(isOnline(insightOf(subscription), dead)).toBe(false);
  });

  it('say of a subscription whose relay died when it was last heard of', () => {
    const insight = insightOf(subscription);
    expect(insightResource(insight, dead).spec).toMatchObject({
      subscriptions: [{ disconnectTime: '2026-01-01T00:00:05.000Z' }],
    });
    expect(insightResource(insight, alive).spec).not.toMatchObject({
      subscriptions: [{ disconnectTime: expect.anything() }],
    });
  });

  it('are the same object as long as nothing changes', () => {
    const insight = insightOf(subscription);
    expect(insightResource(insight, alive)).toBe(insightResource(insight, alive));
  });
});
