import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { type AdmissionOptions, createAdmission } from './admission.ts';

/** An admission with a clock of the test's, and work that ends when the test says so. */
function gate(options: Partial<AdmissionOptions> = {}) {
  let now = 0;
  const known = new Set(['tenant', 'a', 'b']);
  const admission = createAdmission({
    door: 'streams',
    concurrency: 2,
    queue: 10,
    queueBytes: 1000,
    maxWaitMs: 1000,
    isKnown: (tenant) => known.has(tenant),
    clock: () => now,
    random: () => 0,
    ...options,
  });
  const ends = new Map<string, () => void>();
  const log: string[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const here = () => false;
  return {
    admission,
    log,
    known,
    settle,
    /** Whoever comes as `a/1` is the tenant's `a`. */
    enter(name: string, hasGone = here, bytes = 1) {
      const [tenant = ''] = name.includes('/') ? name.split('/') : ['tenant'];
      const work = () => {
        log.push(`${name} in`);
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
      };
      return admission.run({ tenant, bytes, hasGone }, work).then(
        () => {},
        (error: unknown) => log.push(`${name}: ${error instanceof KumulusError ? error.message : 'failed'}`),
      );
    },
    refused: (tenant = 'tenant') =>
      admission
        .run({ tenant, bytes: 1, hasGone: here }, async () => 'never')
        .catch((error: unknown) => error),
    async leave(name: string, after = 0) {
      await settle();
      now += after;
      ends.get(name)?.();
      await settle();
    },
  };
}

describe('createAdmission', () => {
  it('lets in as many as it may and the others in their order', async () => {
    const { admission, enter, leave, log } = gate();
    void enter('1');
    void enter('2');
    void enter('3');
    void enter('4');
    await leave('2');
    void enter('5');
    expect(admission.load).toEqual({ running: 2, waiting: 2 });
    await leave('1');
    await leave('3');
    expect(log).toEqual(['1 in', '2 in', '3 in', '4 in', '5 in']);
  });

  it('lets tenants take turns', async () => {
    const { enter, leave, log } = gate({ concurrency: 1 });
    for (const name of ['a/1', 'a/2', 'a/3', 'a/4', 'b/1']) {
      void enter(name);
    }
    for (const name of ['a/1', 'a/2', 'b/1']) {
      await leave(name);
    }
    expect(log).toEqual(['a/1 in', 'a/2 in', 'b/1 in', 'a/3 in']);
  });

  it('gives tenants that nobody was let in of the share of one', async () => {
    const { enter, leave, log, known } = gate({ concurrency: 1, queue: 100 });
    for (const name of ['a/1', 'x/1', 'y/1', 'z/1', 'a/2', 'a/3', 'x/2']) {
      void enter(name);
    }
    for (const name of ['a/1', 'x/1', 'a/2', 'y/1']) {
      await leave(name);
    }
    expect(log).toEqual(['a/1 in', 'x/1 in', 'a/2 in', 'y/1 in', 'a/3 in']);
    known.add('z');
    void enter('z/2');
    await leave('a/3');
    await leave('z/1');
    expect(log.slice(5)).toEqual(['z/1 in', 'z/2 in']);
  });

  it('refuses at once whom it cannot seat', async () => {
    const { enter, refused } = gate({ concurrency: 1, queue: 1 });
    void enter('1');
    void enter('2');
    expect(await refused()).toMatchObject({
      code: 'unavailable',
      message: 'the relay is busy, come back in 1 s',
      retryAfterSeconds: 1,
    });
  });

  it('seats tenants whom others leave no room', async () => {
    const { admission, enter, refused } = gate({ concurrency: 1, queue: 4 });
    void enter('a/1');
    for (let count = 2; count <= 5; count += 1) {
      void enter(`a/${count}`);
    }
    expect(await refused('a')).toMatchObject({ code: 'unavailable' });
    void enter('b/1');
    void enter('b/2');
    expect(admission.load.waiting).toBe(6);
    expect(await refused('b')).toMatchObject({ code: 'unavailable' });
  });

  it('bounds what those who wait hold, but has a seat for each tenant', async () => {
    const { admission, enter, log, settle } = gate({ concurrency: 1, queueBytes: 100 });
    const here = () => false;
    void enter('a/1', here, 100);
    void enter('a/2', here, 60);
    void enter('a/3', here, 60);
    void enter('b/1', here, 90);
    void enter('b/2', here, 1);
    await settle();
    expect(admission.load.waiting).toBe(2);
    expect(log).toEqual([
      'a/1 in',
      'a/3: the relay is busy, come back in 1 s',
      'b/2: the relay is busy, come back in 1 s',
    ]);
  });

  it('refuses at once who would wait too long, and says when to come back', async () => {
    const { enter, leave, refused } = gate({ concurrency: 1, maxWaitMs: 1000 });
    void enter('slow');
    await leave('slow', 20_000);
    void enter('next');
    // Two seconds a piece on the average of one in ten: who comes now would wait for two.
    expect(await refused()).toMatchObject({ retryAfterSeconds: 2 });
  });

  it.each([
    [0, 2],
    [0.5, 3],
    [0.99, 4],
  ])('tells those it refuses different times (%d: %d s)', async (drawn, seconds) => {
    const { enter, leave, refused } = gate({ concurrency: 1, random: () => drawn });
    void enter('slow');
    await leave('slow', 20_000);
    void enter('next');
    expect(await refused()).toMatchObject({ retryAfterSeconds: seconds });
  });

  it('expects those of others to come first only as far as it is their turn', async () => {
    const { enter, leave, refused, log } = gate({ concurrency: 1, maxWaitMs: 4_000 });
    void enter('a/slow');
    await leave('a/slow', 20_000);
    for (const name of ['a/1', 'a/2', 'a/3']) {
      void enter(name);
    }
    expect(await refused('a')).toMatchObject({ code: 'unavailable', retryAfterSeconds: 6 });
    void enter('b/1');
    await leave('a/1');
    await leave('a/2');
    expect(log).toEqual(['a/slow in', 'a/1 in', 'a/2 in', 'b/1 in']);
  });

  it('passes over those who have gone, and does not take them for quick work', async () => {
    const { enter, leave, log, refused, settle } = gate({ concurrency: 1, maxWaitMs: 1000 });
    let gone = false;
    void enter('1');
    void enter('2', () => gone);
    void enter('3', () => gone);
    void enter('4');
    gone = true;
    await leave('1', 20_000);
    expect(log).toEqual(['1 in', '2: the caller has gone', '3: the caller has gone', '4 in']);
    await settle();
    expect(await refused()).toMatchObject({ retryAfterSeconds: 2 });
  });

  it('takes the next one in when work fails', async () => {
    const { admission } = gate({ concurrency: 1 });
    const visitor = { tenant: 'tenant', bytes: 0, hasGone: () => false };
    const failing = admission.run(visitor, () => Promise.reject(new Error('no')));
    const next = admission.run(visitor, async () => 'in');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('in');
    expect(admission.load).toEqual({ running: 0, waiting: 0 });
  });

  it('lets in one at a time, in turns by tenant, where others have to be left their share', async () => {
    const openings: (() => void)[] = [];
    const loopShare = { isShared: true, whenOpen: (work: () => void) => void openings.push(work) };
    const { admission, enter, log, settle } = gate({ concurrency: 10, loopShare });
    for (const name of ['a/1', 'a/2', 'b/1']) {
      void enter(name);
    }
    await settle();
    expect(log).toEqual([]);
    expect(admission.load).toEqual({ running: 0, waiting: 3 });
    for (const expected of [['a/1 in'], ['a/1 in', 'b/1 in'], ['a/1 in', 'b/1 in', 'a/2 in']]) {
      expect(openings).toHaveLength(1);
      openings.shift()?.();
      await settle();
      expect(log).toEqual(expected);
    }
    expect(openings).toEqual([]);
    loopShare.isShared = false;
    void enter('a/3');
    await settle();
    expect(log.at(-1)).toBe('a/3 in');
  });

  it('expects those who come to wait as long as it really takes, where places are free and the share is not', async () => {
    const openings: (() => void)[] = [];
    const loopShare = { isShared: false, whenOpen: (work: () => void) => void openings.push(work) };
    const { enter, leave, refused, settle } = gate({ concurrency: 10, loopShare, maxWaitMs: 100 });
    for (const name of ['1', '2', '3']) {
      void enter(name);
    }
    loopShare.isShared = true;
    void enter('4');
    void enter('5');
    await leave('1');
    await leave('2', 2_000);
    await settle();
    expect(await refused()).toMatchObject({ retryAfterSeconds: 1 });
  });
});
