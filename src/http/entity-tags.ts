import { createHash } from 'node:crypto';

/** An entity tag of a header (RFC 9110, section 8.8.3), with its quotes and without `W/`. */
interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

/** What a header such as `If-Match` names: any version, or these. */
export type EntityTags = '*' | readonly EntityTag[];

/** One tag and what follows it up to the next: `etagc` is visible ASCII but the quote, and what is beyond ASCII. */
const tagPattern = /[ \t]*(W\/)?("[\x21\x23-\x7e\x80-\uffff]*")[ \t]*(?:,|$)/y;
const emptyPattern = /[ \t]*(?:,|$)/y;

/** Tags of one header at the most; nobody holds so many versions of one thing. */
const maxTags = 100;

/** Reads a list of tags; undefined where it is none, or endless. Empty elements are allowed (RFC 9110, section 5.6.1). */
export function parseEntityTags(header: string): EntityTags | undefined {
  if (header.trim() === '*') {
    return '*';
  }
  const tags: EntityTag[] = [];
  let position = 0;
  while (position < header.length) {
    tagPattern.lastIndex = position;
    emptyPattern.lastIndex = position;
    const [whole, weak, opaque] = tagPattern.exec(header) ?? emptyPattern.exec(header) ?? [];
    if (whole === undefined || whole === '' || tags.length === maxTags) {
      return undefined;
    }
    if (opaque !== undefined) {
      tags.push({ weak: weak !== undefined, opaque });
    }
    position += whole.length;
  }
  return tags.length === 0 ? undefined : tags;
}

/** Whether the tag is among those named, weak ones included: good enough to tell that nothing is new. */
export function matchesWeakly(tags: EntityTags, tag: string): boolean {
  return tags === '*' || tags.some(({ opaque }) => opaque === tag);
}

/** Whether the tag is among those named; weak ones never are, as a write needs to know exactly what it replaces. */
export function matchesStrongly(tags: EntityTags, tag: string): boolean {
  return tags === '*' || tags.some(({ weak, opaque }) => !weak && opaque === tag);
}

const tagsOfPages = new WeakMap<Uint8Array, string>();

/** The tag of an answer that has no version of its own: a hash of it. One of bytes is made once and kept. */
export function contentTag(body: string | Uint8Array): string {
  if (typeof body === 'string') {
    return hashTag(body);
  }
  const known = tagsOfPages.get(body);
  if (known !== undefined) {
    return known;
  }
  const tag = hashTag(body);
  tagsOfPages.set(body, tag);
  return tag;
}

function hashTag(body: string | Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}
