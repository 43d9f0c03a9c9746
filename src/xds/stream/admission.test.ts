import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../model/errors.ts';
import { type AdmissionOptions, createAdmission } from './admission.ts';

/** An admission with a clock of the test's, and work that ends when the test says so. */
function gate(options: Partial<AdmissionOptions> = {}) {
  let now = 0;
  const admission = createAdmission({
    concurrency: 2,
    queue: 10,
    maxWaitMs: 1000,
    clock: () => now,
    ...options,
  });
  const ends = new Map<string, () => void>();
  const log: string[] = [];
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    admission,
    log,
    settle,
    enter(name: string, hasGone?: () => boolean) {
      const work = () => {
        log.push(`${name} in`);
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
      };
      return admission.run(work, hasGone).then(
        () => {},
        (error: unknown) => log.push(`${name}: ${error instanceof KumulusError ? error.message : 'failed'}`),
      );
    },
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
    void enter('a');
    void enter('b');
    void enter('c');
    void enter('d');
    await leave('b');
    void enter('e');
    expect(admission.load).toEqual({ running: 2, waiting: 2 });
    await leave('a');
    await leave('c');
    expect(log).toEqual(['a in', 'b in', 'c in', 'd in', 'e in']);
  });

  it('refuses at once whom it cannot seat', async () => {
    const { admission, enter } = gate({ concurrency: 1, queue: 1 });
    void enter('a');
    void enter('b');
    const refused = admission.run(async () => 'never');
    await expect(refused).rejects.toThrow('the relay is busy, come back in 1 s');
    await expect(refused).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 });
  });

  it('refuses at once who would wait too long, and says when to come back', async () => {
    const { admission, enter, leave } = gate({ concurrency: 1, maxWaitMs: 1000 });
    void enter('slow');
    await leave('slow', 20_000);
    void enter('next');
    // Two seconds a piece on the average of one in ten: who comes now would wait for two.
    await expect(admission.run(async () => 'never')).rejects.toMatchObject({ retryAfterSeconds: 2 });
  });

  it('passes over those who have gone', async () => {
    const { enter, leave, log } = gate({ concurrency: 1 });
    let gone = false;
    void enter('a');
    void enter('b', () => gone);
    void enter('c');
    gone = true;
    await leave('a');
    expect(log).toEqual(['a in', 'c in', 'b: the caller has gone']);
  });

  it('takes the next one in when work fails', async () => {
    const { admission } = gate({ concurrency: 1 });
    const failing = admission.run(() => Promise.reject(new Error('no')));
    const next = admission.run(async () => 'in');
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('in');
    expect(admission.load).toEqual({ running: 0, waiting: 0 });
  });
});
