import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { packed } from './any.ts';
import type { Filter } from './gen/envoy/config/listener/v3/listener_components_pb.ts';
import {
  type PrincipalSchema,
  RBAC_Action,
  type RBACSchema as RulesSchema,
} from './gen/envoy/config/rbac/v3/rbac_pb.ts';
import { RBACSchema as HttpRbacSchema } from './gen/envoy/extensions/filters/http/rbac/v3/rbac_pb.ts';
import {
  type HttpFilter,
  HttpFilterSchema,
} from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.ts';
import { RBACSchema as NetworkRbacSchema } from './gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.ts';
import type { MatcherSchema } from './gen/xds/type/matcher/v3/matcher_pb.ts';
import { typedFilter } from './listener.ts';
import { statisticName } from './statistics.ts';

/** Who a client is, by the names in its certificate. */
export type Principal =
  | { readonly kind: 'any' }
  | { readonly kind: 'authenticated'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Principal }
  | { readonly kind: 'all'; readonly of: readonly Principal[] };

/** What an RBAC filter decides by, and what it only reports. */
export interface Rbac {
  readonly rules?: MessageInitShape<typeof RulesSchema>;
  readonly shadowRules?: MessageInitShape<typeof RulesSchema>;
  readonly matcher?: MessageInitShape<typeof MatcherSchema>;
  readonly shadowMatcher?: MessageInitShape<typeof MatcherSchema>;
}

/** Rules of one policy with one action for all these principals; without any, the action is for nobody. */
export function rbacRules(
  policy: string,
  action: 'allow' | 'deny',
  principals: readonly Principal[],
): MessageInitShape<typeof RulesSchema> {
  return {
    action: action === 'allow' ? RBAC_Action.ALLOW : RBAC_Action.DENY,
    policies:
      principals.length === 0
        ? {}
        : {
            [policy]: {
              permissions: [{ rule: { case: 'any', value: true } }],
              principals: principals.map(principal),
            },
          },
  };
}

/** The filter for HTTP traffic. */
export function httpRbac(rbac: Rbac): HttpFilter {
  return create(HttpFilterSchema, {
    name: 'envoy.filters.http.rbac',
    configType: { case: 'typedConfig', value: packed(HttpRbacSchema, rbac) },
  });
}

/** The filter for any traffic; `name` stands in Envoy's statistics, with a dot after it. */
export function networkRbac(name: string, rbac: Rbac): Filter {
  return typedFilter(
    'envoy.filters.network.rbac',
    packed(NetworkRbacSchema, { ...rbac, statPrefix: `${statisticName(name)}.` }),
  );
}

function principal(who: Principal): MessageInitShape<typeof PrincipalSchema> {
  switch (who.kind) {
    case 'any':
      return { identifier: { case: 'any', value: true } };
    case 'authenticated':
      return {
        identifier: {
          case: 'authenticated',
          value: { principalName: { matchPattern: { case: 'exact', value: who.name } } },
        },
      };
    case 'not':
      return { identifier: { case: 'notId', value: principal(who.of) } };
    case 'all':
      return { identifier: { case: 'andIds', value: { ids: who.of.map(principal) } } };
  }
}
