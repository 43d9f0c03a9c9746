import type { MeshContext, ServiceInstance } from '../context/mesh-context.ts';
import type { Conf } from '../match/conf.ts';
import { createMatcher } from '../match/matcher.ts';
import { planProxy } from '../match/plan.ts';
import type { InboundRules } from '../match/policies-of-type.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { createWeakCache } from '../match/weak-cache.ts';
import { orderedPolicies } from '../policies/apply.ts';
import { adminResources } from './admin.ts';
import type { CompiledProxy, Compiler, ProxyInput } from './compiler.ts';
import { editSource } from './edits.ts';
import { createEndpoints, noInstances } from './endpoints.ts';
import { type InboundSlots, inboundSlots } from './inbound.ts';
import { meshFacts } from './mesh-facts.ts';
import { createOutboundCompiler } from './outbound.ts';
import { proxyFlags } from './proxy-flags.ts';
import { createScenes } from './scenes.ts';
import { secretResources } from './secrets.ts';
import { nextSlot, type Slot, sameInputs } from './slot.ts';
import type { EncodedResource } from './snapshot.ts';
import { nextSnapshot } from './snapshots.ts';

/** What a proxy's snapshot was made from, and the parts of it that are the proxy's own. */
interface ProxyState {
  readonly sources: readonly unknown[];
  readonly admin: Slot<readonly EncodedResource[]>;
  readonly inbounds: readonly (InboundSlots | undefined)[];
  readonly secrets: Slot<readonly EncodedResource[]> | undefined;
}

/** Makes a compiler with the policies that the control plane knows. */
export function createCompiler(): Compiler {
  const matcher = createMatcher(orderedPolicies.map(({ kind }) => kind));
  const inboundEdits = editSource<InboundRules>(orderedPolicies, (policy, rules) => policy.inbound?.(rules));
  const outboundEdits = editSource<Conf>(orderedPolicies, (policy, conf) => policy.outbound?.(conf));
  const cache = createWeakCache<EncodedResource>();
  const outbounds = createOutboundCompiler(cache);
  const endpoints = createEndpoints(cache);
  const sceneOf = createScenes();
  const states = new WeakMap<CompiledProxy, ProxyState>();

  function compile(input: ProxyInput, proxy: DataplaneProxy, before: ProxyState | undefined) {
    const { context, metadata, admin, identity, tlsReadyServices } = input;
    const mesh = meshFacts(context);
    const plan = planProxy(proxy, matcher.match(context, proxy), context.services);
    const flags = proxyFlags(metadata);
    const scene = sceneOf(mesh, flags);
    const usesTls = (service: string) =>
      mesh.mtls?.mode === 'STRICT' || (mesh.mtls !== undefined && tlsReadyServices?.has(service) === true);
    const hasTls =
      mesh.mtls !== undefined &&
      (plan.inbounds.length > 0 || plan.outbounds.some(({ outbound }) => usesTls(outbound.service)));

    const state = {
      admin: nextSlot(before?.admin, [proxy.address, metadata, admin], () =>
        adminResources(cache, proxy, input, flags),
      ),
      inbounds: plan.inbounds.map(({ inbound, policies }, position) =>
        inboundSlots(before?.inbounds[position], inbound, inboundEdits(policies), mesh, flags),
      ),
      secrets:
        !hasTls || identity === undefined
          ? undefined
          : nextSlot(before?.secrets, [mesh.name, identity.id], () =>
              secretResources(cache, mesh.name, identity),
            ),
    };
    const resources = [...state.admin.value, ...(state.secrets?.value ?? [])];
    for (const slots of state.inbounds) {
      if (slots !== undefined) {
        resources.push(slots.listener.value, slots.cluster.value);
      }
    }
    for (const { outbound, protocol, policies } of plan.outbounds) {
      const { listener, cluster } = outbounds.compile(
        outbound,
        outboundEdits(policies),
        scene.setting(protocol, usesTls(outbound.service)),
      );
      const assignment = endpoints.assignmentFor(outbound, instancesOf(context, outbound.service));
      resources.push(listener, cluster, assignment);
    }
    return { state, resources };
  }

  return {
    compile(input, previous) {
      const proxy = proxyOf(input.dataplane);
      const sources = sourcesOf(input, proxy);
      const before = previous === undefined ? undefined : states.get(previous);
      if (previous !== undefined && before !== undefined && sameInputs(before.sources, sources)) {
        return previous;
      }
      const { state, resources } = compile(input, proxy, before);
      const snapshot = nextSnapshot(input.context.revision, resources, previous?.snapshot);
      const services = proxy.outbounds.map(({ service }) => service);
      const unchanged =
        previous !== undefined &&
        snapshot === previous.snapshot &&
        services.every((service) => previous.services.has(service)) &&
        new Set(services).size === previous.services.size;
      const result = unchanged ? previous : { snapshot, services: new Set(services) };
      states.set(result, { sources, ...state });
      return result;
    },
  };
}

/** All that a proxy's snapshot depends on. What is the same object, or the same text, has the same content. */
function sourcesOf(input: ProxyInput, proxy: DataplaneProxy): readonly unknown[] {
  const { context, dataplane, metadata, admin, identity, tlsReadyServices } = input;
  const mesh = context.resources.get('Mesh')?.get(context.mesh);
  const sources: unknown[] = [dataplane, metadata, admin, identity?.id, tlsReadyServices, mesh];
  for (const { kind } of orderedPolicies) {
    sources.push(context.resources.get(kind.name));
  }
  for (const { service } of proxy.outbounds) {
    sources.push(context.services.get(service));
  }
  return sources;
}

function instancesOf({ services }: MeshContext, service: string): readonly ServiceInstance[] {
  return services.get(service) ?? noInstances;
}
