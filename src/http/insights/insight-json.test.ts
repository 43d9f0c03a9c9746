import { describe, expect, it } from 'vitest';
import { type ProxyRow, rowOf } from '../../insights/rows.ts';
import type { Resource } from '../../model/resource.ts';
import { encodeInsight } from '../../store/insights/record.ts';
import type { Subscription } from '../../store/insights.ts';
import { insightResource } from './insight-json.ts';

const start = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:00:05.000Z';

const subscription: Subscription = {
  id: 's-1',
  controlPlaneInstanceId: 'relay-1',
  connectTime: start,
  lastUpdateTime: later,
  stats: { total: { responsesSent: 3, responsesAcknowledged: 2, responsesRejected: 0 } },
  version: { kumaDp: { version: '2.13.10' } },
  acknowledgedRevision: 7,
};

const dataplane: Resource = {
  type: 'Dataplane',
  mesh: 'default',
  name: 'web',
  labels: { team: 'a' },
  creationTime: start,
  modificationTime: start,
  version: 1,
  spec: { networking: { address: '10.0.0.1' } },
};

function row(subscriptions: readonly Subscription[], alive: boolean): ProxyRow {
  const record = { name: 'web', version: 2, text: encodeInsight({ subscriptions }, start, later) };
  return rowOf(dataplane, record, () => alive);
}

describe('insights', () => {
  it('are written as the reference writes them: counts as text, nothing where there is nothing', () => {
    expect(insightResource('DataplaneInsight', row([subscription], true))).toEqual({
      type: 'DataplaneInsight',
      mesh: 'default',
      name: 'web',
      labels: {},
      creationTime: start,
      modificationTime: later,
      version: 2,
      spec: {
        subscriptions: [
          {
            id: 's-1',
            controlPlaneInstanceId: 'relay-1',
            connectTime: start,
            status: {
              lastUpdateTime: later,
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

  it('are none of a proxy that never connected', () => {
    const never = rowOf(dataplane, undefined, () => true);
    expect(insightResource('DataplaneInsight', never)).toBeUndefined();
  });

  it.each([
    ['was heard of last, where its relay died', [subscription], false, later],
    ['began, where nothing was heard of it', [{ ...subscription, lastUpdateTime: undefined }], false, start],
    ['was closed', [{ ...subscription, disconnectTime: start }], false, start],
    ['was closed, whoever lives', [{ ...subscription, disconnectTime: start }], true, start],
  ] as const)('say that a subscription ended when it %s', (_, subscriptions, alive, disconnectTime) => {
    const given = subscriptions.map(({ lastUpdateTime, ...rest }) => ({
      ...rest,
      ...(lastUpdateTime !== undefined && { lastUpdateTime }),
    }));
    const resource = insightResource('DataplaneInsight', row(given, alive));
    expect(resource?.spec).toMatchObject({ subscriptions: [{ disconnectTime }] });
  });

  it('say of no end where the relay lives', () => {
    expect(insightResource('DataplaneInsight', row([subscription], true))?.spec).not.toMatchObject({
      subscriptions: [{ disconnectTime: expect.anything() }],
    });
  });

  it('are the same object as long as nothing changes', () => {
    const one = row([subscription], true);
    expect(insightResource('DataplaneInsight', one)).toBe(insightResource('DataplaneInsight', one));
  });
});
