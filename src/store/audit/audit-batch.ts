import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { deflated } from '../deflate.ts';
import { maxValueBytes } from '../port.ts';
import type { AuditDraft, AuditFacts, AuditRecord, OmittedContent } from './audit-record.ts';

/**
 * The records of one transaction are compressed together: what was and what is are much the same, so that a thousand
 * of them take a tenth of their text, and DynamoDB asks for its price by the kilobyte.
 */

/** Bytes of contents that the records of one transaction keep; what does not fit is told by size and hash. */
const maxContentBytes = 800_000;
/** Parts at the most: the contents, and what is around them, where nothing can be compressed. */
export const maxParts = 3;
const maxPartBytes = maxValueBytes - 1024;

/** Encodes the records of one transaction, cut into parts that fit into items. */
export function encodeBatch(drafts: readonly AuditDraft[]): readonly Uint8Array[] {
  let room = maxContentBytes;
  const kept = (text: string): string => {
    const bytes = Buffer.byteLength(text);
    if (bytes > room) {
      return JSON.stringify(omitted(text, bytes));
    }
    room -= bytes;
    return text;
  };
  const lines = drafts.map(({ before, after, ...facts }) => {
    const contents = [
      ...(before === undefined ? [] : [`"before":${kept(before)}`]),
      ...(after === undefined ? [] : [`"after":${kept(after)}`]),
    ];
    return [JSON.stringify(facts).slice(0, -1), ...contents].join(',').concat('}');
  });
  const bytes = deflated(lines.join('\n'));
  return Array.from({ length: Math.ceil(bytes.length / maxPartBytes) }, (_, part) =>
    bytes.subarray(part * maxPartBytes, (part + 1) * maxPartBytes),
  );
}

function omitted(text: string, bytes: number): OmittedContent {
  return { omitted: { bytes, sha256: createHash('sha256').update(text).digest('hex') } };
}

/** Reads the records of one transaction, in the order in which they were made. */
export function decodeBatch(id: string, time: number, parts: readonly Uint8Array[]): readonly AuditRecord[] {
  const lines = inflateRawSync(Buffer.concat(parts)).toString().split('\n');
  return lines.map((line, position) => ({
    ...(JSON.parse(line) as AuditFacts),
    ...stamp(id, time, position),
  }));
}

/** What tells the records of a transaction apart. */
export function stamp(id: string, time: number, position: number): Pick<AuditRecord, 'id' | 'time'> {
  return { id: `${id}.${position}`, time: new Date(time).toISOString() };
}
