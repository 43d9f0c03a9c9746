import type { ResourceType } from '../../../model/resource-type.ts';

/** What one of Kuma's older policies has of its own. */
type Own<Spec> = Pick<
  ResourceType<Spec>,
  'name' | 'path' | 'singularDisplayName' | 'pluralDisplayName' | 'schema' | 'validate'
>;

/**
 * A policy of the older kind: it selects proxies by tags, not by a targetRef. A zone that has a global control plane gets
 * it from there, so it carries no labels of origin.
 */
export function legacyPolicy<Spec>(own: Own<Spec>): ResourceType<Spec> {
  return {
    ...own,
    scope: 'Mesh',
    shortName: '',
    readOnly: false,
    layout: 'flat',
    secret: false,
    includeInFederation: true,
    providedByZone: false,
    policy: { isTargetRef: false, hasTo: false, hasFrom: false, hasRules: false, isFromAsRules: false },
  };
}
