import { KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import { entityTag } from './answer.ts';
import type { ApiContext } from './routing.ts';

/** Conditions that a writer sets on what is there (RFC 9110, section 13.1). */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export function preconditionsOf(context: ApiContext): Preconditions {
  return { ifMatch: context.req.header('if-match'), ifNoneMatch: context.req.header('if-none-match') };
}

/** Whether the writer said which version is to be replaced: then nothing is tried again behind its back. */
export function isConditional({ ifMatch, ifNoneMatch }: Preconditions): boolean {
  return ifMatch !== undefined || ifNoneMatch !== undefined;
}

/** Weak tags never match: a write needs to know exactly what it replaces. */
function names(header: string, resource: Resource): boolean {
  const tag = entityTag(resource);
  return header.trim() === '*' || header.split(',').some((each) => each.trim() === tag);
}

/** @throws KumulusError `precondition_failed` */
export function requirePreconditions(conditions: Preconditions, current: Resource | undefined): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && (current === undefined || !names(ifMatch, current))) {
    const found = current === undefined ? 'there is none' : `it is ${entityTag(current)}`;
    throw new KumulusError('precondition_failed', `If-Match asks for version ${ifMatch}, ${found}`);
  }
  if (ifNoneMatch !== undefined && current !== undefined && names(ifNoneMatch, current)) {
    throw new KumulusError(
      'precondition_failed',
      `If-None-Match refuses version ${ifNoneMatch}, it is ${entityTag(current)}`,
    );
  }
}
