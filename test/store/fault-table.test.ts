import { afterAll, beforeAll, describe, it } from 'vitest';
import { end as jobsEnd } from '../jobs/support/due.ts';
import { startDynamoDb, type TestDynamoDb } from './support/dynamodb.ts';
import { type PartName, parts } from './support/fault-parts.ts';
import { type FaultName, openFaultyWorld, tableFaults } from './support/table-faults.ts';

/**
 * What must hold of a part under a fault. `done`: it does its work at once, and only once. `refused`: its caller is told that
 * the table is `unavailable`, nothing is half done, and the same is done when it is asked for again. `kept`: nobody is told, and it is
 * done when it is tried again. `differs`: others see something else for as long as it lasts.
 */
type Kind = 'done' | 'refused' | 'kept' | 'differs';
interface Cell {
  readonly kind: Kind;
  readonly holds: string;
  /** What others see while it lasts, where that is neither what was there nor what is done. */
  readonly seen?: unknown;
  /** The same after it, once it is tried again; what is done unless told. */
  readonly afterwards?: unknown;
}
interface Row {
  /** What others see of the work when it is done. */
  readonly done: unknown;
  readonly cells: Readonly<Record<FaultName, Cell>>;
}

const done = (holds: string): Cell => ({ kind: 'done', holds });
const kept = (holds: string): Cell => ({ kind: 'kept', holds });
const refused = (holds: string, seen?: unknown): Cell => ({ kind: 'refused', holds, seen });
const differs = (holds: string, seen: unknown, afterwards?: unknown): Cell => ({
  kind: 'differs',
  holds,
  seen,
  afterwards,
});

/** What passes is not noticed by anybody. */
const passing = {
  'is throttled': done('is done, and once'),
  'is answered 500': done('is done, and once'),
  'is late': done('is done once, whatever arrives afterwards'),
  'is not answered': done('is found to be done, and not done again'),
  'meets others': done('is done when they have gone'),
} as const;

const nobodyWaits = {
  ...jobsEnd,
  insights: jobsEnd.insights.map(({ mesh, name, closed }) => ({
    mesh,
    name,
    closed: closed.map(() => true),
  })),
};

const table: Readonly<Record<PartName, Row>> = {
  'the journal of insights': {
    done: ['a first closed', 'a second open 7', 'b third open no such filter', 'c fourth closed'],
    cells: {
      ...passing,
      'finds no table for a minute': kept('is kept, those that came and went too, and written later'),
      'has a clock that jumps an hour ahead': done('has the newer stream open and the older one closed'),
      'has a clock that jumps an hour back': done('has the newer stream open and the older one closed'),
    },
  },
  'a lease': {
    done: { alive: ['relay-1'], dead: [] },
    cells: {
      ...passing,
      'finds no table for a minute': refused('is renewed by the next attempt'),
      'has a clock that jumps an hour ahead': done('lives, and only those are buried that are dead'),
      'has a clock that jumps an hour back': differs(
        'is taken for dead while the clock is wrong, buries nobody, and lives afterwards',
        { alive: [], dead: ['relay-0', 'relay-1'] },
      ),
    },
  },
  'the feed': {
    done: { own: { ours: 2, theirs: 4 }, others: { ours: 2, theirs: 4 } },
    cells: {
      ...passing,
      'finds no table for a minute': refused('finds afterwards what others wrote meanwhile', {
        own: {},
        others: { theirs: 4 },
      }),
      'has a clock that jumps an hour ahead': differs(
        'is heard by others; what they write is found by the heads, and by itself once the clock is right',
        { own: { ours: 2 }, others: { ours: 2, theirs: 4 } },
      ),
      'has a clock that jumps an hour back': differs(
        'hears others; what it writes is found by the heads, and by itself once the clock is right',
        { own: { ours: 2, theirs: 4 }, others: { theirs: 4 } },
      ),
    },
  },
  'a report of propagation': {
    done: [{ relay: 'relay-1', told: 2, proxies: 3, behind: [[1, 1]] }],
    cells: {
      ...passing,
      'finds no table for a minute': kept('is kept, and the newest one written later'),
      'has a clock that jumps an hour ahead': done('counts who is behind all the same'),
      'has a clock that jumps an hour back': done('counts who is behind all the same'),
    },
  },
  'a run of the jobs': {
    done: jobsEnd,
    cells: {
      ...passing,
      'finds no table for a minute': kept('leaves everything to the next run'),
      'has a clock that jumps an hour ahead': differs(
        'deletes nobody who is there or was there within the age; shows who is there as gone until their relay writes again',
        nobodyWaits,
        nobodyWaits,
      ),
      'has a clock that jumps an hour back': kept(
        'finds nothing due, and everything once the clock is right',
      ),
    },
  },
  'a fold': {
    done: { isWhole: true, snapshotRevision: 2 },
    cells: {
      ...passing,
      'finds no table for a minute': refused('leaves the mesh as it is, to be read whole'),
      'has a clock that jumps an hour ahead': done('goes by revisions'),
      'has a clock that jumps an hour back': done('goes by revisions'),
    },
  },
  'a commit with its events': {
    done: { published: ['MeshTimeout/default/a', 'MeshTimeout/default/b'], recorded: ['a', 'b'], left: 0 },
    cells: {
      ...passing,
      'finds no table for a minute': refused('tells of nothing that was refused'),
      'has a clock that jumps an hour ahead': done('publishes in the order of the commits'),
      'has a clock that jumps an hour back': done('publishes in the order of the commits'),
    },
  },
};

let dynamoDb: TestDynamoDb;
beforeAll(async () => {
  dynamoDb = await startDynamoDb();
}, 60_000);
afterAll(() => dynamoDb.stop());

/** The code of the error with which it ended, if any. */
const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => Object(error).code ?? error,
  );

describe.for(Object.entries(table))('%s', ([part, row]) => {
  it.concurrent.for(Object.entries(row.cells).map(([fault, cell]) => ({ ...cell, fault })))(
    '$fault: $holds',
    { timeout: 60_000 },
    async ({ fault, kind, seen, afterwards = row.done }, context) => {
      const { expect } = context;
      const world = await openFaultyWorld(dynamoDb.endpoint, context);
      const atWork = await parts[part as PartName](world);
      const before = await atWork.seen();
      expect(before, 'there is something to do').not.toStrictEqual(row.done);

      const end = tableFaults[fault as FaultName](world);
      const told = await outcomeOf(atWork.work());
      expect(told).toBe(kind === 'refused' ? 'unavailable' : undefined);
      expect(await atWork.seen()).toStrictEqual(seen ?? (kind === 'done' ? row.done : before));
      await end();
      if (kind !== 'done') {
        expect(await outcomeOf(atWork.again())).toBeUndefined();
      }
      expect(await atWork.seen()).toStrictEqual(afterwards);
    },
  );
});
