import type { MeshContext } from '../../context/mesh-context.ts';
import { digestOf } from '../../store/insights/digest.ts';
import type { InsightsView } from '../../store/insights.ts';

/**
 * The services all of whose proxies hold a certificate of the enabled authority. While an authority is PERMISSIVE, these
 * are spoken to with TLS and the others in the clear, so that a mesh can turn mTLS on without losing a request. A proxy
 * that never connected holds none, and keeps its services in the clear, as in Kuma.
 */
export function tlsReadyServices(
  context: MeshContext,
  backend: string,
  { records }: InsightsView,
): ReadonlySet<string> {
  const holds = (name: string) => {
    const record = records.get(name);
    return record !== undefined && digestOf(record).mtls?.issuedBackend === backend;
  };
  const ready = new Set<string>();
  for (const [service, instances] of context.services) {
    if (instances.every(({ dataplane }) => holds(dataplane))) {
      ready.add(service);
    }
  }
  return ready;
}

/** The same services in both; a set that did not change must not make every proxy's configuration anew. */
export function sameServices(
  a: ReadonlySet<string> | undefined,
  b: ReadonlySet<string> | undefined,
): boolean {
  return (
    a === b ||
    (a !== undefined && b !== undefined && a.size === b.size && [...a].every((service) => b.has(service)))
  );
}
