import type { MatchedPolicies } from '../match/matcher.ts';
import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { serviceProtocol } from '../match/services.ts';
import { createWeakCache } from '../match/weak-cache.ts';
import { orderedPolicies } from '../policies/apply.ts';
import type { CompiledProxy, Compiler, ProxyInput } from './compiler.ts';
import { meshFacts, usesTls } from './mesh-facts.ts';
import { createProxyResources, type OutboundInstances, type OwnResources } from './proxy-resources.ts';
import { sameInputs } from './slot.ts';
import { nextSnapshot, withEndpoints } from './snapshots.ts';
import { createTouched } from './touched.ts';

/** Leads from any configuration of a proxy that somebody still holds to the newest one. */
interface ProxyLine {
  newest?: CompiledProxy;
}

/** What a proxy's snapshot was made from, and the parts of it that are the proxy's own. */
interface ProxyState {
  readonly proxy: DataplaneProxy;
  /** The same for all configurations of the proxy, one after the other. */
  readonly line: ProxyLine;
  /** What everything but the endpoints depends on. */
  readonly sources: readonly unknown[];
  readonly instances: OutboundInstances;
  readonly own: OwnResources;
}

/** Makes a compiler with the policies that the control plane knows. */
export function createCompiler(): Compiler {
  const maker = createProxyResources(orderedPolicies);
  const isTouched = createTouched(orderedPolicies.map(({ kind }) => kind));
  const states = new WeakMap<CompiledProxy, ProxyState>();
  /** For proxies that come back while somebody still holds a configuration of theirs. */
  const lines = createWeakCache<ProxyLine>();

  const keep = (compiled: CompiledProxy, state: ProxyState): CompiledProxy => {
    states.set(compiled, state);
    state.line.newest = compiled;
    return compiled;
  };

  function compileAll(
    input: ProxyInput,
    matched: MatchedPolicies,
    previous: CompiledProxy | undefined,
    now: Omit<ProxyState, 'own'>,
  ): CompiledProxy {
    const { proxy } = now;
    const before = previous === undefined ? undefined : states.get(previous);
    const { own, resources } = maker.compile(input, proxy, matched, before?.own);
    const all = [...resources, ...maker.endpoints(proxy, now.instances)];
    const snapshot = nextSnapshot(input.context.revision, all, previous?.snapshot);
    const result =
      previous !== undefined && snapshot === previous.snapshot && isSameSet(proxy.services, previous.services)
        ? previous
        : { snapshot, services: proxy.services };
    return keep(result, { ...now, own });
  }

  function compileEndpoints(
    input: ProxyInput,
    previous: CompiledProxy,
    before: ProxyState,
    instances: OutboundInstances,
  ): CompiledProxy {
    const assignments = maker.endpoints(before.proxy, instances);
    const snapshot = withEndpoints(previous.snapshot, input.context.revision, assignments);
    const result = snapshot === previous.snapshot ? previous : { ...previous, snapshot };
    return keep(result, { ...before, instances });
  }

  return {
    compile(input, given) {
      const proxy = proxyOf(input.dataplane);
      const previous = given ?? lines.find(proxy.name)?.newest;
      const before = previous === undefined ? undefined : states.get(previous);
      const instances = proxy.outbounds.map(({ service }) => input.context.services.get(service));
      const matched = maker.match(input.context, proxy);
      const sources = sourcesOf(input, proxy, matched, instances);
      if (previous === undefined || before === undefined || !sameInputs(before.sources, sources)) {
        const line = before?.line ?? lines.get(proxy.name, () => ({}));
        return compileAll(input, matched, previous, { proxy, line, sources, instances });
      }
      if (sameInputs(before.instances, instances)) {
        return previous;
      }
      return compileEndpoints(input, previous, before, instances);
    },

    isTouched(compiled, changes) {
      const state = states.get(compiled);
      return state === undefined || isTouched(changes, state.proxy);
    },
  };
}

/** What everything but the endpoints depends on. The same object, or the same text, stands for the same content. */
function sourcesOf(
  { context, dataplane, metadata, admin, identity, tlsReadyServices }: ProxyInput,
  { outbounds }: DataplaneProxy,
  matched: MatchedPolicies,
  instances: OutboundInstances,
): readonly unknown[] {
  const mesh = meshFacts(context);
  const sources: unknown[] = [dataplane, metadata, admin, identity?.id, mesh.key, matched];
  for (const list of instances) {
    sources.push(serviceProtocol(list));
  }
  if (mesh.mtls?.mode === 'PERMISSIVE') {
    for (const { service } of outbounds) {
      sources.push(usesTls(mesh, tlsReadyServices, service));
    }
  }
  return sources;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((member) => b.has(member));
}
