import type { ResourceType } from '../../model/resource-type.ts';
import { fromDeprecations, targetRefDeprecations } from '../common/target-ref-validation.ts';
import { type MeshRateLimitSpec, meshRateLimitSchema } from './schema.ts';
import { validateMeshRateLimit } from './validate.ts';

/** Kuma's `MeshRateLimit`. */
export const meshRateLimitType: ResourceType<MeshRateLimitSpec> = {
  name: 'MeshRateLimit',
  scope: 'Mesh',
  path: 'meshratelimits',
  singularDisplayName: 'Mesh Rate Limit',
  pluralDisplayName: 'Mesh Rate Limits',
  shortName: 'mrl',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  policy: { isTargetRef: true, hasTo: true, hasFrom: true, hasRules: true, isFromAsRules: true },
  schema: meshRateLimitSchema,
  validate: validateMeshRateLimit,
  deprecations: (spec) => [
    ...fromDeprecations(spec.from),
    ...lists.flatMap((list) => statusWarnings(list, spec[list] ?? [])),
    ...targetRefDeprecations(spec.targetRef),
  ],
};

const lists = ['from', 'rules', 'to'] as const;

/** Envoy's filter answers 429 in place of a status code below 400 (`local_rate_limit.status`). */
function statusWarnings(
  list: (typeof lists)[number],
  items: readonly Pick<NonNullable<MeshRateLimitSpec['to']>[number], 'default'>[],
): readonly string[] {
  return items.flatMap((item, position) =>
    (item.default.local?.http?.onRateLimit?.status ?? 400) < 400
      ? [
          `'spec.${list}[${position}].default.local.http.requestRate.status' must be 400 or higher. ` +
            'Please update your configuration.',
        ]
      : [],
  );
}
