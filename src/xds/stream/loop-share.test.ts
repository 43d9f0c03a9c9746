import { describe, expect, it } from 'vitest';
import { createLoopShare, type LoopTimes } from './loop-share.ts';

/** A share of a half, with times that the test makes pass. */
function half({ isShared = true, patienceMs = Number.POSITIVE_INFINITY } = {}) {
  let times: LoopTimes = { active: 0, idle: 0, processor: 0 };
  const looks: (() => void)[] = [];
  const turns: (() => void)[] = [];
  const state = { isShared };
  const share = createLoopShare({
    share: 0.5,
    isShared: () => state.isShared,
    patienceMs,
    times: () => times,
    later: (work) => void looks.push(work),
    nextTurn: (work) => void turns.push(work),
  });
  return {
    share,
    state,
    looks,
    turns,
    pass({ active = 0, idle = 0, processor = active }: Partial<LoopTimes>) {
      times = {
        active: times.active + active,
        idle: times.idle + idle,
        processor: times.processor + processor,
      };
    },
  };
}

describe('createLoopShare', () => {
  it.each([
    { passed: [], open: true, why: 'nothing was done' },
    { passed: [{ active: 4, idle: 4 }], open: true, why: 'it was busy for its share' },
    { passed: [{ active: 5, idle: 4 }], open: false, why: 'it was busy for more' },
    { passed: [{ active: 5, idle: 4 }, { idle: 1 }], open: true, why: 'it rested for as long' },
    { passed: [{ idle: 60_000 }, { active: 10 }], open: true, why: 'a little was saved up' },
    { passed: [{ idle: 60_000 }, { active: 11 }], open: false, why: 'not more than a little is saved up' },
    {
      passed: [{ active: 60_000 }, { idle: 199 }],
      open: false,
      why: 'it was much too busy a moment ago',
    },
    { passed: [{ active: 60_000 }, { idle: 200 }], open: true, why: 'it was too busy long ago' },
    {
      passed: [{ active: 100, idle: 0, processor: 50 }],
      open: true,
      why: 'others had the processor for half of the time',
    },
    {
      passed: [{ active: 5, idle: 4, processor: 20 }],
      open: false,
      why: 'other threads had processors as well',
    },
  ])('is open: $open, where $why', ({ passed, open }) => {
    const { share, pass, looks } = half();
    let isOpen = true;
    for (const times of passed) {
      pass(times);
      isOpen = false;
      share.whenOpen(() => (isOpen = true));
      looks.shift()?.();
    }
    expect(isOpen).toBe(open);
  });

  it('is open to newcomers who keep nobody waiting, however busy the loop is', () => {
    const { share, pass, turns, looks } = half({ isShared: false });
    pass({ active: 1000 });
    expect(share.isShared).toBe(false);
    const served: string[] = [];
    share.whenOpen(() => served.push('first'));
    share.whenOpen(() => served.push('second'));
    expect(turns).toHaveLength(1);
    turns.shift()?.();
    expect(served).toEqual(['first']);
    turns.shift()?.();
    expect(served).toEqual(['first', 'second']);
    expect([...turns, ...looks]).toEqual([]);
  });

  it('serves those who wait in their order, one a look, and lets the loop rest in between', () => {
    const { share, pass, turns, looks } = half();
    pass({ active: 8 });
    const served: string[] = [];
    share.whenOpen(() => {
      served.push('first');
      pass({ active: 2 });
    });
    share.whenOpen(() => served.push('second'));
    expect(looks).toHaveLength(1);
    looks.shift()?.();
    expect(served).toEqual([]);
    pass({ idle: 9 });
    looks.shift()?.();
    expect(served).toEqual(['first']);
    looks.shift()?.();
    expect(served).toEqual(['first']);
    pass({ idle: 1 });
    looks.shift()?.();
    expect(served).toEqual(['first', 'second']);
    expect([...turns, ...looks]).toEqual([]);
  });

  it('serves one now and then where the loop is busy with others all of the time', () => {
    const { share, pass, looks } = half({ patienceMs: 10 });
    pass({ active: 1000 });
    const served: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      share.whenOpen(() => served.push(name));
    }
    for (const expected of [[], ['first'], ['first'], ['first', 'second']]) {
      pass({ active: 5 });
      looks.shift()?.();
      expect(served).toEqual(expected);
    }
  });
});
