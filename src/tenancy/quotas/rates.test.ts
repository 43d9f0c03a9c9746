import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tenantId } from '../../model/tenant.ts';
import { createEmbeddedStore, type EmbeddedStore } from '../../store/embedded/embedded-store.ts';
import type { Rates } from './rates.ts';
import { createSharedRates } from './shared-rates.ts';
import { createTokenBuckets } from './token-buckets.ts';

const acme = tenantId('acme');
const globex = tenantId('globex');
let now: number;
let folder: string;
let items: EmbeddedStore;
beforeEach(async () => {
  now = 1_000_000_000;
  folder = await mkdtemp(join(tmpdir(), 'rates-'));
  items = createEmbeddedStore({ path: folder, clock: () => now });
});
afterEach(async () => {
  await items.close();
  await rm(folder, { recursive: true });
});

/** How many of so many are let through. */
async function taken(rates: Rates, count: number, perSecond: number | null, tenant = acme): Promise<number> {
  let passed = 0;
  for (let tried = 0; tried < count; tried += 1) {
    await rates.take(tenant, 'requests', perSecond).then(
      () => {
        passed += 1;
      },
      () => undefined,
    );
  }
  return passed;
}

describe.each([
  ['one process', () => createTokenBuckets(() => now)],
  ['many processes', () => createSharedRates({ items, clock: () => now })],
])('rates of %s', (_, create) => {
  it('hold a tenant to its quota over time', async () => {
    const rates = create();
    let through = 0;
    for (let second = 0; second < 60; second += 1) {
      through += await taken(rates, 20, 5);
      now += 1_000;
    }
    expect(through).toBeGreaterThanOrEqual(60 * 5);
    expect(through).toBeLessThanOrEqual(70 * 5);
  });

  it('are of each tenant and kind by itself, and can be none or without end', async () => {
    const rates = create();
    expect(await taken(rates, 1_000, 5)).toBeLessThan(1_000);
    expect(await taken(rates, 5, 5, globex)).toBe(5);
    await rates.take(acme, 'tokens', 5);
    expect(await taken(rates, 5_000, null)).toBe(5_000);
    expect(await taken(rates, 1, 0)).toBe(0);
  });

  it('say when to come back, which is then right', async () => {
    const rates = create();
    await taken(rates, 1_000, 5);
    const refusal = await rates.take(acme, 'requests', 5).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'too_many_requests',
      message: 'the quota is 5 requests a second',
      retryAfterSeconds: expect.any(Number),
    });
    now += Number(Object(refusal).retryAfterSeconds) * 1_000;
    await rates.take(acme, 'requests', 5);
  });
});

it('a bucket takes a burst of two seconds', async () => {
  const rates = createTokenBuckets(() => now);
  expect(await taken(rates, 100, 10)).toBe(20);
  now += 100;
  expect(await taken(rates, 100, 10)).toBe(1);
});

describe('many processes', () => {
  const processes = 10;
  const open = () => Array.from({ length: processes }, () => createSharedRates({ items, clock: () => now }));

  it('pass the quota together by no more than what each has without asking', async () => {
    const all = open();
    const through = await Promise.all(all.map((rates) => taken(rates, 1_000, 100)));
    const total = through.reduce((sum, each) => sum + each, 0);
    expect(total).toBeGreaterThanOrEqual(1_000);
    expect(total).toBeLessThanOrEqual(1_000 + processes * 10);
    now += 10_000;
    expect(await Promise.all(all.map((rates) => taken(rates, 60, 100)))).toEqual(all.map(() => 60));
  });

  it('ask for nothing while they are quiet', async () => {
    let calls = 0;
    const counted = {
      ...items,
      get: (...parameters: Parameters<typeof items.get>) => {
        calls += 1;
        return items.get(...parameters);
      },
    };
    const rates = createSharedRates({ items: counted, clock: () => now });
    await taken(rates, 10, 100);
    expect(calls).toBe(0);
    await taken(rates, 1, 100);
    expect(calls).toBe(1);
  });
});
