import type { MeshContext, ServiceInstance } from '../context/mesh-context.ts';
import type { Conf } from '../match/conf.ts';
import { createMatcher } from '../match/matcher.ts';
import { type ProxyPlan, planProxy } from '../match/plan.ts';
import type { InboundRules } from '../match/policies-of-type.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { orderedPolicies } from '../policies/apply.ts';
import { adminResources } from './admin.ts';
import type { CompiledProxy, Compiler, ProxyInput } from './compiler.ts';
import { editSource } from './edits.ts';
import { createEndpoints, noInstances } from './endpoints.ts';
import { inboundResources } from './inbound.ts';
import { type MeshFacts, meshFacts } from './mesh-facts.ts';
import { outboundResources } from './outbound.ts';
import { proxyFlags } from './proxy-flags.ts';
import { createResourceCache } from './resource-cache.ts';
import { secretResources } from './secrets.ts';
import type { EncodedResource } from './snapshot.ts';
import { nextSnapshot } from './snapshots.ts';

/** What a compiled proxy was made from. Objects that are the same have the same content, for all of it is immutable. */
type Sources = readonly unknown[];

/** Makes a compiler with the policies that the control plane knows. */
export function createCompiler(): Compiler {
  const matcher = createMatcher(orderedPolicies.map(({ kind }) => kind));
  const inboundEdits = editSource<InboundRules>(orderedPolicies, (policy, rules) => policy.inbound?.(rules));
  const outboundEdits = editSource<Conf>(orderedPolicies, (policy, conf) => policy.outbound?.(conf));
  const cache = createResourceCache();
  const endpoints = createEndpoints(cache);
  const compiled = new WeakMap<CompiledProxy, Sources>();

  function resources(
    input: ProxyInput,
    proxy: DataplaneProxy,
    mesh: MeshFacts,
    plan: ProxyPlan,
  ): readonly EncodedResource[] {
    const flags = proxyFlags(input.metadata);
    const tlsTo = (service: string) =>
      mesh.mtls !== undefined &&
      (mesh.mtls.mode === 'STRICT' || input.tlsReadyServices?.has(service) === true);
    const usesTls =
      mesh.mtls !== undefined &&
      (plan.inbounds.length > 0 || plan.outbounds.some(({ outbound }) => tlsTo(outbound.service)));
    return [
      ...adminResources(cache, proxy, input, flags),
      ...plan.inbounds.flatMap(({ inbound, policies }) =>
        inboundResources(cache, inbound, inboundEdits.editsFor(policies), mesh, flags),
      ),
      ...plan.outbounds.flatMap((outbound) => [
        ...outboundResources(
          cache,
          outbound,
          outboundEdits.editsFor(outbound.policies),
          mesh,
          flags,
          tlsTo(outbound.outbound.service),
        ),
        endpoints.assignmentFor(outbound.outbound, instancesOf(input.context, outbound.outbound.service)),
      ]),
      ...(usesTls && input.identity !== undefined ? secretResources(cache, mesh.name, input.identity) : []),
    ];
  }

  return {
    compile(input, previous) {
      const proxy = proxyOf(input.dataplane);
      const sources = sourcesOf(input, proxy);
      const before = previous === undefined ? undefined : compiled.get(previous);
      if (previous !== undefined && before !== undefined && isSame(before, sources)) {
        return previous;
      }
      const mesh = meshFacts(input.context);
      const plan = planProxy(proxy, matcher.match(input.context, proxy), input.context.services);
      const snapshot = nextSnapshot(
        input.context.revision,
        resources(input, proxy, mesh, plan),
        previous?.snapshot,
      );
      const result =
        previous !== undefined && snapshot === previous.snapshot
          ? previous
          : { snapshot, services: new Set(proxy.outbounds.map(({ service }) => service)) };
      compiled.set(result, sources);
      return result;
    },
  };
}

function sourcesOf(input: ProxyInput, proxy: DataplaneProxy): Sources {
  const { context, dataplane, metadata, admin, identity, tlsReadyServices } = input;
  return [
    dataplane,
    metadata,
    admin,
    identity?.id,
    tlsReadyServices,
    context.resources.get('Mesh')?.get(context.mesh),
    ...orderedPolicies.map(({ kind }) => context.resources.get(kind.name)),
    ...proxy.outbounds.map(({ service }) => instancesOf(context, service)),
  ];
}

function instancesOf({ services }: MeshContext, service: string): readonly ServiceInstance[] {
  return services.get(service) ?? noInstances;
}

function isSame(a: Sources, b: Sources): boolean {
  return a.length === b.length && a.every((source, position) => source === b[position]);
}
