import type { MeshContext, ServiceInstance } from '../context/mesh-context.ts';
import type { Conf } from '../match/conf.ts';
import { createMatcher, type MatchedPolicies } from '../match/matcher.ts';
import { planProxy } from '../match/plan.ts';
import type { InboundRules } from '../match/policies-of-type.ts';
import type { DataplaneProxy } from '../match/proxy.ts';
import { createWeakCache } from '../match/weak-cache.ts';
import { adminInputs, adminResources } from './admin.ts';
import type { ProxyInput } from './compiler.ts';
import { editSource } from './edits.ts';
import { createEndpoints } from './endpoints.ts';
import { type InboundSlots, inboundSlots, isServiceless } from './inbound.ts';
import { meshFacts, usesTls } from './mesh-facts.ts';
import { createOutboundCompiler } from './outbound.ts';
import type { PolicyApply } from './policy.ts';
import { proxyFlags } from './proxy-flags.ts';
import { createScenes } from './scenes.ts';
import { secretResources } from './secrets.ts';
import { nextSlot, type Slot } from './slot.ts';
import type { EncodedResource } from './snapshot.ts';

/** What of a proxy's resources is its own, with what it was made from. */
export interface OwnResources {
  readonly admin: Slot<readonly EncodedResource[]>;
  readonly inbounds: readonly InboundSlots[];
  /** Absent where the proxy speaks no TLS of the mesh. */
  readonly secrets: Slot<readonly EncodedResource[]> | undefined;
}

/** The lists of instances of a proxy's outbounds, in their order; undefined where nobody offers the service. */
export type OutboundInstances = readonly (readonly ServiceInstance[] | undefined)[];

/** Makes the resources of proxies; what proxies have in common is made once. */
export interface ProxyResources {
  /** The policies that select a proxy. The same object means that they say the same about it. */
  match(context: MeshContext, proxy: DataplaneProxy): MatchedPolicies;
  /** Everything but the endpoints. What was the proxy's own before is kept where it would be made the same again. */
  compile(
    input: ProxyInput,
    proxy: DataplaneProxy,
    matched: MatchedPolicies,
    before: OwnResources | undefined,
  ): { readonly own: OwnResources; readonly resources: readonly EncodedResource[] };
  /** The load assignment of each outbound. */
  endpoints(proxy: DataplaneProxy, instances: OutboundInstances): readonly EncodedResource[];
}

/** Makes the maker of resources for the given policies, in the order in which they are applied. */
export function createProxyResources(policies: readonly PolicyApply[]): ProxyResources {
  const matcher = createMatcher(policies.map(({ kind }) => kind));
  const inboundEdits = editSource<InboundRules>(policies, (policy, rules) => policy.inbound?.(rules));
  const outboundEdits = editSource<Conf>(policies, (policy, conf) => policy.outbound?.(conf));
  const cache = createWeakCache<EncodedResource>();
  const outbounds = createOutboundCompiler(cache);
  const assignments = createEndpoints(cache);
  const sceneOf = createScenes();

  return {
    match: matcher.match,

    compile(input, proxy, matched, before) {
      const { context, metadata, admin, identity, tlsReadyServices } = input;
      const mesh = meshFacts(context);
      const plan = planProxy(proxy, matched, context.services);
      const flags = proxyFlags(metadata);
      const scene = sceneOf(mesh, flags);

      const adminSlot = nextSlot(before?.admin, adminInputs(proxy, metadata, admin, flags), () =>
        adminResources(cache, proxy, input, flags),
      );
      const inbounds = plan.inbounds
        .filter(({ inbound }) => !isServiceless(inbound))
        .map(({ inbound, policies }, position) =>
          inboundSlots(before?.inbounds[position], inbound, inboundEdits(policies), mesh, flags),
        );
      const resources = [...adminSlot.value];
      for (const { listener, cluster } of inbounds) {
        resources.push(listener.value, cluster.value);
      }
      let hasTls = mesh.mtls !== undefined && inbounds.length > 0;
      for (const { outbound, protocol, policies } of plan.outbounds) {
        const tls = usesTls(mesh, tlsReadyServices, outbound.service);
        const edits = outboundEdits(policies);
        const { listener, cluster } = outbounds.compile(outbound, edits, scene.setting(protocol, tls));
        resources.push(listener, cluster);
        hasTls ||= tls;
      }
      const secrets =
        !hasTls || identity === undefined
          ? undefined
          : nextSlot(before?.secrets, [mesh.name, identity.id], () =>
              secretResources(cache, mesh.name, identity),
            );
      resources.push(...(secrets?.value ?? []));
      return { own: { admin: adminSlot, inbounds, secrets }, resources };
    },

    endpoints: (proxy, instances) =>
      proxy.outbounds.map((outbound, position) => assignments.assignmentFor(outbound, instances[position])),
  };
}
