import { describe, expect, it } from 'vitest';
import { typeUrls } from '../../compile/snapshot.ts';
import { countedRecord } from './counted-record.ts';

function world() {
  const time = { now: 10_000, untoldSince: undefined as number | undefined };
  const counted: unknown[] = [];
  const recorded: string[] = [];
  const record = countedRecord(
    {
      sent: () => void recorded.push('sent'),
      acknowledged: () => void recorded.push('acknowledged'),
      rejected: () => void recorded.push('rejected'),
      identity: () => void recorded.push('identity'),
      configured: () => void recorded.push('configured'),
      notConfigured: () => void recorded.push('notConfigured'),
      completed: () => void recorded.push('completed'),
      answered: () => void recorded.push('answered'),
      closed: () => void recorded.push('closed'),
    },
    {
      clock: () => time.now,
      untoldSince: () => time.untoldSince,
      proxy: {
        pushed: (typeUrl, bytes) => counted.push(['pushed', typeUrl, bytes]),
        acknowledged: (typeUrl) => counted.push(['acknowledged', typeUrl]),
        rejected: (typeUrl) => counted.push(['rejected', typeUrl]),
        completed: (ms) => counted.push(['completed', ms]),
        disconnected: () => counted.push(['disconnected']),
      },
    },
  );
  /** The members are told at `at` of a change that was committed at `committed`. */
  const told = (revision: number, at: number, committed: number | undefined) => {
    time.now = at;
    time.untoldSince = committed;
    record.configured(revision);
    time.untoldSince = undefined;
  };
  const completed = (revision: number, at: number) => {
    time.now = at;
    record.completed(revision);
  };
  return { record, counted, recorded, told, completed };
}

describe('countedRecord', () => {
  it('passes everything on and counts it', () => {
    const { record, counted, recorded } = world();
    record.sent(typeUrls.cluster, 1, 120);
    record.acknowledged(typeUrls.cluster, 1);
    record.rejected(typeUrls.listener, 'no');
    record.identity(undefined);
    record.notConfigured();
    record.closed();
    expect(recorded).toEqual(['sent', 'acknowledged', 'rejected', 'identity', 'notConfigured', 'closed']);
    expect(counted).toEqual([
      ['pushed', typeUrls.cluster, 120],
      ['acknowledged', typeUrls.cluster],
      ['rejected', typeUrls.listener],
      ['disconnected'],
    ]);
  });

  it('measures from the commit to the moment when all of it was taken', () => {
    const { counted, told, completed } = world();
    // What it is given when it connects is no news, even if a change is just being told of.
    told(5, 10_000, 9_990);
    completed(5, 10_100);
    expect(counted).toEqual([]);
    told(6, 11_020, 11_000);
    told(6, 11_021, 11_000);
    completed(5, 11_050);
    completed(6, 11_090);
    completed(6, 11_500);
    expect(counted).toEqual([['completed', 90]]);
  });

  it('does not count what comes later against what was taken, while changes keep coming', () => {
    const { counted, told, completed } = world();
    told(1, 10_000, undefined);
    for (let revision = 2; revision < 100; revision += 1) {
      told(revision, 10_000 + revision * 100, 10_000 + revision * 100 - 5);
      completed(revision - 1, 10_000 + revision * 100 + 50);
    }
    // Each was taken when the next was on its way already.
    expect(new Set(counted.map((each) => JSON.stringify(each)))).toEqual(new Set(['["completed",155]']));
    expect(counted).toHaveLength(97);
  });

  it('keeps little of a proxy that never takes anything', () => {
    const { counted, told, completed } = world();
    told(1, 10_000, undefined);
    for (let revision = 2; revision < 1_000; revision += 1) {
      told(revision, 10_000 + revision, 10_000 + revision);
    }
    completed(999, 20_000);
    expect(counted).toHaveLength(16);
    expect(counted[0]).toEqual(['completed', 9_998]);
  });
});
