import { describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { hintsOfText, hintTexts } from './hint-text.ts';

const tenant = tenantId('acme');
const hints = (count: number) =>
  Array.from({ length: count }, (_, position) => ({ tenant, mesh: `mesh-${position}`, revision: position }));

describe('hints as texts', () => {
  it.each([0, 1, 250, 251, 600])('%i come back as they were', (count) => {
    const texts = hintTexts(hints(count));
    expect(texts).toHaveLength(Math.ceil(count / 250));
    expect(texts.flatMap(hintsOfText)).toStrictEqual(hints(count));
  });

  it('are small enough for a queue, however long their names are', () => {
    const longest = { tenant: tenantId('t'.repeat(63)), mesh: 'm'.repeat(253), revision: 1e15 };
    const texts = hintTexts(Array.from({ length: 1_000 }, () => longest));
    expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThan(250_000);
  });

  it('are read from a later release, which may have added to them', () => {
    expect(hintsOfText('[["acme","default",7,{"more":true}]]')).toStrictEqual([
      { tenant, mesh: 'default', revision: 7 },
    ]);
  });

  it.each([
    '',
    'hello',
    '{}',
    '[["acme"]]',
    '[["acme","default","7"]]',
    '[["acme","default",-1]]',
    '[["acme","default",1.5]]',
    '[[":system","default",1]]',
    '[["acme#head","default",1]]',
  ])('%j is none', (text) => {
    expect(() => hintsOfText(text)).toThrow();
  });
});
