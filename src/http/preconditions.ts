import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { entityTag } from './answer.ts';
import { type EntityTags, matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tags.ts';
import type { ApiContext } from './routing.ts';

/** Conditions that a writer sets on what is there (RFC 9110, section 13.1). */
export interface Preconditions {
  readonly ifMatch: Condition | undefined;
  readonly ifNoneMatch: Condition | undefined;
}

interface Condition {
  /** As it was written, for messages. */
  readonly text: string;
  readonly tags: EntityTags;
}

/** @throws KumulusError `bad_request` for a header that names no tags: a write that meant to be careful is not made anyhow. */
export function preconditionsOf(context: ApiContext): Preconditions {
  return { ifMatch: conditionOf(context, 'If-Match'), ifNoneMatch: conditionOf(context, 'If-None-Match') };
}

function conditionOf(context: ApiContext, name: string): Condition | undefined {
  const text = context.req.header(name);
  if (text === undefined) {
    return undefined;
  }
  const tags = parseEntityTags(text);
  if (tags === undefined) {
    throw new KumulusError(
      'bad_request',
      `bad request: ${name} must be * or entity tags such as "1-lq2x3k", got ${text.slice(0, 80)}`,
    );
  }
  return { text: text.slice(0, 200), tags };
}

/** Whether the writer said which version is to be replaced: then nothing is tried again behind its back. */
export function isConditional({ ifMatch, ifNoneMatch }: Preconditions): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}

/** @throws KumulusError `precondition_failed` */
export function requirePreconditions(
  conditions: Preconditions,
  current: Pick<Resource, 'version' | 'creationTime'> | undefined,
): void {
  const { ifMatch, ifNoneMatch } = conditions;
  const tag = current && entityTag(current);
  if (ifMatch !== undefined && (tag === undefined || !matchesStrongly(ifMatch.tags, tag))) {
    const found = tag === undefined ? 'there is none' : `it is ${tag}`;
    throw new KumulusError('precondition_failed', `If-Match asks for version ${ifMatch.text}, ${found}`);
  }
  if (ifNoneMatch !== undefined && tag !== undefined && matchesWeakly(ifNoneMatch.tags, tag)) {
    throw new KumulusError(
      'precondition_failed',
      `If-None-Match refuses version ${ifNoneMatch.text}, it is ${tag}`,
    );
  }
}
