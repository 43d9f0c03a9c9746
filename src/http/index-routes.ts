import type { ResourceType } from '../model/resource-type.ts';
import { answer } from './answer.ts';
import type { Route } from './routing.ts';

/** What the control plane says of itself at `/`. */
export interface ControlPlaneIdentity {
  /** `kumactl` warns where it is none of the versions that it knows. */
  readonly version: string;
  readonly hostname: string;
  readonly instanceId: string;
  readonly clusterId: string;
}

function policyEntry(type: ResourceType) {
  return {
    name: type.name,
    readOnly: type.readOnly,
    path: type.path,
    singularDisplayName: type.singularDisplayName,
    pluralDisplayName: type.pluralDisplayName,
    isExperimental: false,
    isTargetRefBased: type.policy?.isTargetRef ?? false,
    isInbound: type.policy?.hasFrom ?? false,
    isOutbound: type.policy?.hasTo ?? false,
  };
}

function typeEntry(type: ResourceType) {
  return {
    includeInFederation: type.includeInFederation,
    name: type.name,
    path: type.path,
    pluralDisplayName: type.pluralDisplayName,
    ...(type.policy !== undefined && {
      policy: {
        hasFromTargetRef: type.policy.hasFrom,
        hasToTargetRef: type.policy.hasTo,
        isFromAsRules: type.policy.isFromAsRules,
        isTargetRef: type.policy.isTargetRef,
      },
    }),
    readOnly: type.readOnly,
    scope: type.scope,
    shortName: type.shortName,
    singularDisplayName: type.singularDisplayName,
  };
}

/** The endpoints that tell what is there: `/`, `/config`, `/who-am-i`, `/policies` and `/_resources`. */
export function indexRoutes(
  identity: ControlPlaneIdentity,
  configuration: unknown,
  types: readonly ResourceType[],
): readonly Route[] {
  const index = { ...identity, product: 'Kuma', gui: '/gui' };
  const sorted = types.filter(({ unlisted }) => unlisted !== true).sort((a, b) => (a.name < b.name ? -1 : 1));
  const policies = { policies: sorted.filter((type) => type.policy !== undefined).map(policyEntry) };
  const resources = { resources: sorted.map(typeEntry) };
  return [
    { method: 'GET', path: '/', handle: (context) => answer(context, index) },
    {
      method: 'GET',
      path: '/config',
      handle(context) {
        context.get('access').viewControlPlane();
        return answer(context, configuration);
      },
    },
    { method: 'GET', path: '/who-am-i', handle: (context) => answer(context, context.get('user')) },
    { method: 'GET', path: '/policies', handle: (context) => answer(context, policies) },
    { method: 'GET', path: '/_resources', handle: (context) => answer(context, resources) },
  ];
}
