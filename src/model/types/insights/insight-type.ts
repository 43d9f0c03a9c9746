import type * as z from 'zod';
import type { ResourceType } from '../../resource-type.ts';
import { Violations } from '../../violations.ts';

/** What Kuma's types of insights differ in. */
type InsightTraits<Spec> = Pick<
  ResourceType<Spec>,
  'name' | 'scope' | 'path' | 'singularDisplayName' | 'pluralDisplayName' | 'providedByZone'
> & { readonly schema: z.ZodType<Spec> };

/** A type that the control plane alone writes and users read. */
export function insightType<Spec>(traits: InsightTraits<Spec>): ResourceType<Spec> {
  return {
    ...traits,
    shortName: '',
    readOnly: true,
    layout: 'flat',
    secret: false,
    includeInFederation: false,
    validate: () => new Violations(),
  };
}
