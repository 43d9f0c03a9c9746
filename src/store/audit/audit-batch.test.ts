import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeBatch, encodeBatch } from './audit-batch.ts';
import type { AuditDraft } from './audit-record.ts';

const draft = (length: number): AuditDraft => ({
  author: { user: 'ümit', groups: [], source: 'api' },
  action: 'CREATE',
  type: 'Dataplane',
  mesh: 'default',
  name: 'web',
  after: JSON.stringify({ text: 'x'.repeat(length) }),
});

describe('the records of a transaction', () => {
  it.each([0, 600, 640, 660, 680, 700, 2_000, 500_000])(
    'are read as they were with %i more bytes',
    (length) => {
      const [record] = decodeBatch('id', 0, encodeBatch([draft(length)]));
      expect(record).toMatchObject({
        id: 'id.0',
        author: { user: 'ümit' },
        after: { text: 'x'.repeat(length) },
      });
    },
  );

  it.each([
    { size: 'a small one', length: 100, compressed: false },
    { size: 'a large one', length: 5_000, compressed: true },
  ])('are compressed where it saves anything: $size', ({ length, compressed }) => {
    const bytes = Buffer.concat(encodeBatch([draft(length)]));
    expect(bytes.length < inflateRawSync(bytes).length).toBe(compressed);
  });
});
