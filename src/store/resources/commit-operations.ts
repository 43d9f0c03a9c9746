import type { TenantId } from '../../model/tenant.ts';
import type { Condition, Operation } from '../port.ts';
import { type Before, type Draft, headOf } from './commit-draft.ts';
import { dueFoldOperations } from './fold-policy.ts';
import { partitionOf, putHead } from './head.ts';
import { resourceItemKey, scopesOf } from './keys.ts';
import { logItem } from './log.ts';

/** The writes of the resources that commits have changed, each under the version that was read. */
export function resourceOperations(before: Before, draft: Draft): Operation[] {
  return [...draft.resources].flatMap(([name, after]): Operation[] => {
    const stored = before.resources.get(name);
    const condition: Condition = stored === undefined ? { absent: true } : { version: stored.version };
    if (stored === undefined && after.stored === undefined) {
      return [];
    }
    return scopesOf(after.key).map((scope) => {
      const state = draft.scopes.get(scope) ?? headOf(before, scope);
      const key = resourceItemKey(partitionOf(scope, state), after.key);
      return after.stored === undefined
        ? { kind: 'delete', key, condition }
        : {
            kind: 'put',
            item: { ...key, version: after.stored.version, value: after.stored.text },
            condition,
          };
    });
  });
}

/** How many operations a scope takes at the most: its head, the entry of the log, and one that tells of a due fold. */
export const operationsPerScope = 3;

/** The writes of the heads and the log, and of what becomes due by them. */
export function scopeOperations(
  tenant: TenantId,
  before: Before,
  draft: Draft,
  touched: ReadonlySet<string>,
  now: number,
  logSeconds: number,
): Operation[] {
  return [...touched].flatMap((scope): Operation[] => {
    const head = headOf(before, scope);
    const state = draft.scopes.get(scope) ?? head;
    const revision = head.revision + 1;
    const changes = [...draft.resources.values()]
      .filter(({ key }) => scopesOf(key).includes(scope))
      .map(({ key, stored }) => (stored === undefined ? { key } : { text: stored.text }));
    const entry = logItem(partitionOf(scope, state), revision, now, changes, logSeconds);
    const logBytes = (head.logBytes ?? 0) + Buffer.byteLength(entry.value);
    const next = { ...head, ...state, revision, logBytes };
    return [
      putHead(scope, head, next),
      { kind: 'put', item: entry },
      ...dueFoldOperations(tenant, scope, head, next, now, logSeconds),
    ];
  });
}
