import type { MessageInitShape } from '@bufbuild/protobuf';
import { packed } from './any.ts';
import { ActionSchema, RBAC_Action } from './gen/envoy/config/rbac/v3/rbac_pb.ts';
import { UriSanInputSchema } from './gen/envoy/extensions/matching/common_inputs/ssl/v3/ssl_inputs_pb.ts';
import type {
  Matcher_MatcherList_FieldMatcherSchema,
  Matcher_MatcherList_PredicateSchema,
  Matcher_OnMatchSchema,
  MatcherSchema,
} from './gen/xds/type/matcher/v3/matcher_pb.ts';

/** A condition on a URI in the client's certificate. */
export interface UriMatch {
  readonly match: 'exact' | 'prefix';
  readonly value: string;
}

/** Clients with one of the URIs get this answer, which is reported under the name. */
export interface UriRule {
  readonly action: 'allow' | 'deny';
  readonly name: string;
  /** At least one. */
  readonly uris: readonly [UriMatch, ...UriMatch[]];
}

/** Decides by the first rule that matches; whoever no rule matches is denied, under the name `default`. */
export function uriMatcher(rules: readonly UriRule[]): MessageInitShape<typeof MatcherSchema> {
  return {
    ...(rules.length === 0
      ? {}
      : { matcherType: { case: 'matcherList', value: { matchers: rules.map(fieldMatcher) } } }),
    onNoMatch: onMatch('deny', 'default'),
  };
}

function fieldMatcher({
  action,
  name,
  uris,
}: UriRule): MessageInitShape<typeof Matcher_MatcherList_FieldMatcherSchema> {
  const [first, ...others] = uris;
  return {
    predicate:
      others.length === 0
        ? predicate(first)
        : { matchType: { case: 'orMatcher', value: { predicate: uris.map(predicate) } } },
    onMatch: onMatch(action, name),
  };
}

function predicate(uri: UriMatch): MessageInitShape<typeof Matcher_MatcherList_PredicateSchema> {
  return {
    matchType: {
      case: 'singlePredicate',
      value: {
        input: { name: 'envoy.matching.inputs.uri_san', typedConfig: packed(UriSanInputSchema) },
        matcher: {
          case: 'valueMatch',
          value: { matchPattern: { case: uri.match, value: uri.value } },
        },
      },
    },
  };
}

function onMatch(action: 'allow' | 'deny', name: string): MessageInitShape<typeof Matcher_OnMatchSchema> {
  return {
    onMatch: {
      case: 'action',
      value: {
        name: 'envoy.filters.rbac.action',
        typedConfig: packed(ActionSchema, {
          name,
          action: action === 'allow' ? RBAC_Action.ALLOW : RBAC_Action.DENY,
        }),
      },
    },
  };
}
