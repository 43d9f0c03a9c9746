import { describe, expect, it } from 'vitest';
import { createGate, type GateOptions, type Lane } from './gate.ts';

const options: GateOptions = {
  concurrency: 4,
  perLane: 2,
  strangers: 2,
  perTurn: 8,
  queuePerLane: 3,
  queue: 8,
};
const lane = (name: string): Lane => ({ name, stranger: false });
const stranger = (name: string): Lane => ({ name: `?${name}`, stranger: true });

/** Work that ends when told, and what has begun so far. */
function createWorks(gate: ReturnType<typeof createGate>) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const results: Promise<string>[] = [];
  return {
    begun,
    results,
    push(of: Lane, name = of.name) {
      results.push(
        gate.run(of, async () => {
          begun.push(name);
          await new Promise<void>((resolve) => ends.push(resolve));
          return name;
        }),
      );
    },
    /** Ends all there is, until nothing is left. */
    async drain() {
      while (gate.load.running > 0) {
        await this.end(ends.length);
        await turn();
      }
    },
    async end(count = 1) {
      for (const end of ends.splice(0, count)) {
        end();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('lets nobody have all, and the others in at once', async () => {
    const works = createWorks(createGate(options));
    for (let count = 0; count < 5; count += 1) {
      works.push(lane('a'), `a${count}`);
    }
    works.push(lane('b'));
    await turn();
    expect(works.begun).toEqual(['a0', 'a1', 'b']);
    await works.drain();
    expect(await Promise.all(works.results)).toHaveLength(6);
  });

  it('lets names take turns, those of one name in their order', async () => {
    const works = createWorks(createGate({ ...options, concurrency: 1, perLane: 1 }));
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) {
      works.push(lane(name.slice(0, 1)), name);
    }
    for (let count = 0; count < 6; count += 1) {
      await turn();
      await works.end();
    }
    expect(works.begun).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('keeps room for those who are known while strangers come under ever new names', async () => {
    const works = createWorks(createGate(options));
    for (const name of ['1', '2', '3', '4']) {
      works.push(stranger(name));
    }
    works.push(lane('a'));
    works.push(lane('b'));
    await turn();
    expect(works.begun).toEqual(['?1', '?2', 'a', 'b']);
    await works.end(2);
    expect(works.begun).toEqual(['?1', '?2', 'a', 'b', '?3', '?4']);
    await works.drain();
    await Promise.all(works.results);
  });

  it('refuses at once who is beyond the end of the line, and takes others', async () => {
    const gate = createGate(options);
    const works = createWorks(gate);
    for (let count = 0; count < 5; count += 1) {
      works.push(lane('a'));
    }
    await expect(gate.run(lane('a'), async () => 'never')).rejects.toThrow(
      expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds: 1 }),
    );
    works.push(lane('b'));
    for (const name of ['c', 'd', 'e', 'f', 'g', 'h']) {
      works.push(lane(name));
    }
    await expect(gate.run(lane('z'), async () => 'never')).rejects.toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
    await works.drain();
    expect(gate.load).toEqual({ running: 0, waiting: 0 });
    expect(await gate.run(lane('z'), async () => 'now')).toBe('now');
  });

  it('lets the event loop turn between requests that are done as soon as they have begun', async () => {
    const gate = createGate({ ...options, perTurn: 3, queuePerLane: 100, queue: 200 });
    let done = 0;
    const all = Array.from({ length: 20 }, () =>
      gate.run(lane('a'), async () => {
        done += 1;
      }),
    );
    const seen: number[] = [];
    let meanwhile = 0;
    while (done < 20) {
      seen.push(done);
      await turn();
      if (seen.length === 2) {
        meanwhile = await gate.run(lane('b'), async () => done);
      }
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(meanwhile).toBeLessThan(20);
    await Promise.all(all);
    expect(gate.load).toEqual({ running: 0, waiting: 0 });
  });

  it('goes on after work that fails, and gives the place of work that only waits to others', async () => {
    const gate = createGate({ ...options, concurrency: 1, perLane: 1 });
    await expect(gate.run(lane('a'), () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    let awake = () => {};
    const long = gate.run(lane('a'), async (leave) => {
      leave();
      leave();
      await new Promise<void>((resolve) => {
        awake = resolve;
      });
      return 'long';
    });
    await turn();
    expect(await gate.run(lane('a'), async () => 'meanwhile')).toBe('meanwhile');
    awake();
    expect(await long).toBe('long');
    expect(gate.load).toEqual({ running: 0, waiting: 0 });
  });
});
