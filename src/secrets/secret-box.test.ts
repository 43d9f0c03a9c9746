import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { openLocalMasterKey } from './local-master-key.ts';
import type { MasterKey } from './master-key.ts';
import { createSecretBox } from './secret-box.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');

let folder: string;
let master: MasterKey;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secret-box-'));
  master = await openLocalMasterKey(join(folder, 'key'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Counts what the cache is there to save. */
function counting(inner: MasterKey): MasterKey & { generated: number; unwrapped: number } {
  return {
    generated: 0,
    unwrapped: 0,
    async generate(tenant) {
      this.generated += 1;
      return await inner.generate(tenant);
    },
    async unwrap(tenant, id, wrapped) {
      this.unwrapped += 1;
      return await inner.unwrap(tenant, id, wrapped);
    },
  };
}

describe('seal and open', () => {
  it.each(['', 'x', '-----BEGIN PRIVATE KEY-----\n…\u0000🔑', 'y'.repeat(200_000)])(
    'gives back %.10j',
    async (text) => {
      const box = createSecretBox({ master, clock: () => 0 });
      const sealed = await box.seal(acme, text);
      expect(await box.open(acme, sealed)).toBe(text);
      if (text.length > 5) expect(sealed).not.toContain(text.slice(0, 5));
    },
  );

  it('opens in another process, that has nothing but the master key', async () => {
    const sealed = await createSecretBox({ master, clock: () => 0 }).seal(acme, 'x');
    expect(await createSecretBox({ master, clock: () => 0 }).open(acme, sealed)).toBe('x');
  });

  it('never gives the same twice', async () => {
    const box = createSecretBox({ master, clock: () => 0 });
    expect(await box.seal(acme, 'x')).not.toBe(await box.seal(acme, 'x'));
  });

  it('does not open for another tenant, also where its data key is at hand', async () => {
    const box = createSecretBox({ master, clock: () => 0 });
    const sealed = await box.seal(acme, 'x');
    await box.open(acme, sealed);
    await expect(box.open(globex, sealed)).rejects.toMatchObject({
      code: 'internal',
      message: 'data key was changed, or belongs to another tenant',
    });
  });

  it('does not open for another tenant, also where the master key would give its data key away', async () => {
    const plain = Buffer.alloc(32, 1);
    const careless: MasterKey = {
      generate: async () => ({ masterId: 'one', plain, wrapped: Buffer.from('wrapped') }),
      unwrap: async () => plain,
    };
    const box = createSecretBox({ master: careless, clock: () => 0 });
    const sealed = await box.seal(acme, 'x');
    expect(await box.open(acme, sealed)).toBe('x');
    await expect(box.open(globex, sealed)).rejects.toMatchObject({
      message: 'sealed secret was changed, or belongs to another tenant',
    });
  });

  it('does not open a body under the header of another text of the same tenant', async () => {
    const box = createSecretBox({ master, clock: () => 0, maxUses: 1 });
    const [one, two] = [await box.seal(acme, 'one'), await box.seal(acme, 'two')];
    const mixed = [...one.split('.').slice(0, 3), two.split('.')[3]].join('.');
    await expect(box.open(acme, mixed)).rejects.toMatchObject({
      message: 'sealed secret was changed, or belongs to another tenant',
    });
  });

  it('notices a change of any single character', async () => {
    const box = createSecretBox({ master, clock: () => 0 });
    const sealed = await box.seal(acme, 'a text');
    for (let position = 0; position < sealed.length; position += 1) {
      const other = sealed[position] === 'A' ? 'B' : 'A';
      const changed = sealed.slice(0, position) + other + sealed.slice(position + 1);
      await expect(box.open(acme, changed), `position ${position}`).rejects.toMatchObject({
        code: 'internal',
      });
    }
  });

  it('notices every truncation', async () => {
    const box = createSecretBox({ master, clock: () => 0 });
    const sealed = await box.seal(acme, 'a text');
    for (let length = 0; length < sealed.length; length += 1) {
      await expect(box.open(acme, sealed.slice(0, length))).rejects.toMatchObject({ code: 'internal' });
    }
  });

  it.each(['', 'x', 'v2.a.b.c', 'v1...', `v1.a.${'b'.repeat(9000)}.c`, 'v1.a.b.c'.padEnd(600_000, 'c')])(
    'refuses %.20j without trying',
    async (text) => {
      const box = createSecretBox({ master, clock: () => 0 });
      await expect(box.open(acme, text)).rejects.toMatchObject({ code: 'internal' });
    },
  );
});

describe('data keys', () => {
  it('are one a tenant, and are made once for many that ask at once', async () => {
    const counted = counting(master);
    const box = createSecretBox({ master: counted, clock: () => 0 });
    await Promise.all(Array.from({ length: 20 }, () => box.seal(acme, 'x')));
    await box.seal(globex, 'x');
    expect(counted.generated).toBe(2);
  });

  it.each([
    ['after their time', { maxAge: 1000 }, 1001],
    ['after their uses', { maxUses: 1 }, 0],
    ['when too many are held', { maxKeys: 1 }, 0],
  ])('are made anew %s', async (_, bounds, later) => {
    let now = 0;
    const counted = counting(master);
    const box = createSecretBox({ master: counted, clock: () => now, ...bounds });
    await box.seal(acme, 'x');
    await box.seal(globex, 'x');
    now = later;
    await box.seal(acme, 'x');
    expect(counted.generated).toBe(3);
  });

  it('are unwrapped once', async () => {
    const counted = counting(master);
    const box = createSecretBox({ master: counted, clock: () => 0 });
    const sealed = [await box.seal(acme, '1'), await box.seal(acme, '2')];
    expect(await Promise.all(sealed.map((each) => box.open(acme, each)))).toEqual(['1', '2']);
    expect(counted.unwrapped).toBe(1);
  });

  it('are asked for again after a failure', async () => {
    let broken = true;
    const flaky: MasterKey = {
      ...master,
      generate: (tenant) => (broken ? Promise.reject(new Error('no')) : master.generate(tenant)),
    };
    const box = createSecretBox({ master: flaky, clock: () => 0 });
    await expect(box.seal(acme, 'x')).rejects.toThrow('no');
    broken = false;
    expect(await box.open(acme, await box.seal(acme, 'x'))).toBe('x');
  });
});
