import type { Condition, Operation } from '../port.ts';
import { type Before, type Draft, headOf } from './commit-draft.ts';
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

/** The writes of the heads and the log. */
export function scopeOperations(
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
    const next = { ...head, ...state, revision };
    return [
      putHead(scope, head, next),
      { kind: 'put', item: logItem(partitionOf(scope, state), revision, now, changes, logSeconds) },
    ];
  });
}
