import type { MeshContext } from '../context/mesh-context.ts';
import type { Protocol } from '../model/protocol.ts';
import type { Conf } from './conf.ts';
import type { InboundRules, MatchedType } from './policies-of-type.ts';
import type { DataplaneProxy, ProxyInbound, ProxyOutbound } from './proxy.ts';
import { serviceProtocol } from './services.ts';

/** An inbound and what the policies say about it, by type; types that say nothing are absent. */
export interface InboundPlan {
  readonly inbound: ProxyInbound;
  readonly policies: Readonly<Record<string, InboundRules>>;
}

/** An outbound, what its service speaks, and what the policies say about the service, by type. */
export interface OutboundPlan {
  readonly outbound: ProxyOutbound;
  readonly protocol: Protocol;
  readonly policies: Readonly<Record<string, Conf>>;
}

/** All that a proxy's configuration is made from, beside its mesh and its endpoints. Plain data, fit to be printed. */
export interface ProxyPlan {
  readonly inbounds: readonly InboundPlan[];
  readonly outbounds: readonly OutboundPlan[];
  readonly warnings: readonly string[];
}

/** A listener for each inbound and outbound of the proxy, with what the matched policies say. */
export function planProxy(
  proxy: DataplaneProxy,
  matched: readonly MatchedType[],
  services: MeshContext['services'],
): ProxyPlan {
  return {
    inbounds: proxy.inbounds.map((inbound, position) => ({
      inbound,
      policies: byType(matched, ({ inbounds }) => inbounds[position]),
    })),
    outbounds: proxy.outbounds.map((outbound) => ({
      outbound,
      protocol: serviceProtocol(services.get(outbound.service) ?? []),
      policies: byType(matched, ({ outbound: rules }) => rules.confFor(outbound.service)),
    })),
    warnings: matched.flatMap(({ outbound, inbounds }) => [
      ...outbound.warnings,
      ...new Set(inbounds.flatMap((rules) => rules?.warnings ?? [])),
    ]),
  };
}

function byType<T>(
  matched: readonly MatchedType[],
  look: (type: MatchedType) => T | undefined,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    matched.flatMap((type) => {
      const found = look(type);
      return found === undefined ? [] : [[type.kind.name, found] as const];
    }),
  );
}
