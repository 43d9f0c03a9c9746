import type { MeshContext } from '../context/mesh-context.ts';
import type { Protocol } from '../model/protocol.ts';
import type { InboundPolicies, MatchedPolicies, OutboundPolicies } from './matcher.ts';
import type { DataplaneProxy, ProxyInbound, ProxyOutbound } from './proxy.ts';
import { serviceProtocol } from './services.ts';

/** An inbound, and what the policies say about it. */
export interface InboundPlan {
  readonly inbound: ProxyInbound;
  readonly policies: InboundPolicies;
}

/** An outbound, what its service speaks, and what the policies say about the service. */
export interface OutboundPlan {
  readonly outbound: ProxyOutbound;
  readonly protocol: Protocol;
  readonly policies: OutboundPolicies;
}

/** All that a proxy's configuration is made from, beside its mesh and its endpoints. Plain data, fit to be printed. */
export interface ProxyPlan {
  readonly inbounds: readonly InboundPlan[];
  readonly outbounds: readonly OutboundPlan[];
  /** What of the policies was left out, and why. */
  readonly warnings: readonly string[];
}

/** A listener for each inbound and outbound of the proxy, with what the matched policies say. */
export function planProxy(
  { inbounds, outbounds }: DataplaneProxy,
  policies: MatchedPolicies,
  services: MeshContext['services'],
): ProxyPlan {
  return {
    inbounds: inbounds.flatMap((inbound, position) => {
      const said = policies.inbounds[position];
      return said === undefined ? [] : [{ inbound, policies: said }];
    }),
    outbounds: outbounds.map((outbound) => ({
      outbound,
      protocol: serviceProtocol(services.get(outbound.service)),
      policies: policies.outboundTo(outbound.service),
    })),
    warnings: policies.types.flatMap(({ warnings }) => warnings),
  };
}
