import { create } from '@bufbuild/protobuf';
import { type HeaderMatcher, HeaderMatcherSchema } from './gen/envoy/config/route/v3/route_components_pb.ts';

/** A condition on the value of a header, or on its being there. Patterns are of RE2. */
export type HeaderCondition =
  | { readonly kind: 'exact' | 'prefix' | 'pattern'; readonly value: string }
  | { readonly kind: 'present' | 'absent' };

/** Matches requests or responses by one of their headers. */
export function headerMatcher(name: string, condition: HeaderCondition): HeaderMatcher {
  if (!('value' in condition)) {
    return create(HeaderMatcherSchema, {
      name,
      headerMatchSpecifier: { case: 'presentMatch', value: condition.kind === 'present' },
    });
  }
  const { kind, value } = condition;
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier: {
      case: 'stringMatch',
      value: {
        matchPattern:
          kind === 'pattern' ? { case: 'safeRegex', value: { regex: value } } : { case: kind, value },
      },
    },
  });
}
