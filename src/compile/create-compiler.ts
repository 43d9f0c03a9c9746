import { type DataplaneProxy, proxyOf } from '../match/proxy.ts';
import { serviceProtocol } from '../match/services.ts';
import { createWeakCache } from '../match/weak-cache.ts';
import { orderedPolicies } from '../policies/apply.ts';
import type { CompiledProxy, Compiler, ProxyInput } from './compiler.ts';
import { createProxyResources, type OutboundInstances, type OwnResources } from './proxy-resources.ts';
import { sameInputs } from './slot.ts';
import { nextSnapshot, withEndpoints } from './snapshots.ts';

/** What a proxy's snapshot was made from, and the parts of it that are the proxy's own. */
interface ProxyState {
  /** What everything but the endpoints depends on. */
  readonly sources: readonly unknown[];
  readonly instances: OutboundInstances;
  readonly own: OwnResources;
}

/** Makes a compiler with the policies that the control plane knows. */
export function createCompiler(): Compiler {
  const maker = createProxyResources(orderedPolicies);
  const states = new WeakMap<CompiledProxy, ProxyState>();
  /** The newest configuration of each proxy, for proxies that come back while somebody still holds it. */
  const newest = createWeakCache<CompiledProxy>();

  function compileAll(
    input: ProxyInput,
    proxy: DataplaneProxy,
    previous: CompiledProxy | undefined,
    now: Pick<ProxyState, 'sources' | 'instances'>,
  ): CompiledProxy {
    const before = previous === undefined ? undefined : states.get(previous);
    const { own, resources } = maker.compile(input, proxy, before?.own);
    const all = [...resources, ...maker.endpoints(proxy, now.instances)];
    const snapshot = nextSnapshot(input.context.revision, all, previous?.snapshot);
    const result =
      previous !== undefined && snapshot === previous.snapshot && isSameSet(proxy.services, previous.services)
        ? previous
        : { snapshot, services: proxy.services };
    states.set(result, { ...now, own });
    return result;
  }

  function compileEndpoints(
    input: ProxyInput,
    proxy: DataplaneProxy,
    previous: CompiledProxy,
    before: ProxyState,
    instances: OutboundInstances,
  ): CompiledProxy {
    const assignments = maker.endpoints(proxy, instances);
    const snapshot = withEndpoints(previous.snapshot, input.context.revision, assignments);
    const result = snapshot === previous.snapshot ? previous : { ...previous, snapshot };
    states.set(result, { ...before, instances });
    return result;
  }

  return {
    compile(input, given) {
      const proxy = proxyOf(input.dataplane);
      const previous = given ?? newest.find(proxy.name);
      const before = previous === undefined ? undefined : states.get(previous);
      const instances = proxy.outbounds.map(({ service }) => input.context.services.get(service));
      const sources = sourcesOf(input, instances);
      if (previous === undefined || before === undefined || !sameInputs(before.sources, sources)) {
        const result = compileAll(input, proxy, previous, { sources, instances });
        newest.put(proxy.name, result);
        return result;
      }
      if (sameInputs(before.instances, instances)) {
        return previous;
      }
      const result = compileEndpoints(input, proxy, previous, before, instances);
      newest.put(proxy.name, result);
      return result;
    },
  };
}

/** What everything but the endpoints depends on. The same object, or the same text, stands for the same content. */
function sourcesOf(input: ProxyInput, instances: OutboundInstances): readonly unknown[] {
  const { context, dataplane, metadata, admin, identity, tlsReadyServices } = input;
  const mesh = context.resources.get('Mesh')?.get(context.mesh);
  const sources: unknown[] = [dataplane, metadata, admin, identity?.id, tlsReadyServices, mesh];
  for (const { kind } of orderedPolicies) {
    sources.push(context.resources.get(kind.name));
  }
  for (const list of instances) {
    sources.push(serviceProtocol(list));
  }
  return sources;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((member) => b.has(member));
}
