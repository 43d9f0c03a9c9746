import type { RequestAccess } from '../auth/request-access.ts';
import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { Expectation, ResourceDraft } from '../store/resource-store.ts';

/** How often a write is made anew where another one was faster; of those at the same time one wins each time. */
const maxTries = 32;

/**
 * Whether the caller may store a draft in place of what is there.
 *
 * @throws KumulusError `forbidden`
 */
export function requireWrite(
  access: RequestAccess,
  type: ResourceType,
  draft: ResourceDraft,
  current: Resource | undefined,
): void {
  if (current === undefined) {
    access.write('CREATE', type, draft, [draft.spec]);
  } else {
    access.write('UPDATE', type, draft, [draft.spec, current.spec]);
  }
}

/** What must still be there when a write is committed that looked at `current`. */
export function expectationOf(current: Resource | undefined): Expectation {
  return current === undefined ? { absent: true } : { version: current.version };
}

/** Runs a step again where it lost against another writer, unless the caller named the version it wants to replace. */
export async function retried<T>(conditional: boolean, step: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await step(tries);
    } catch (error) {
      if (!isKumulusError(error, 'conflict') || tries >= maxTries) {
        throw error;
      }
      if (conditional) {
        throw new KumulusError('precondition_failed', 'somebody else has changed the resource meanwhile');
      }
    }
  }
}
