import type { DataplaneSpec } from '../../model/types/dataplane.ts';
import type { MeshSpec } from '../../model/types/mesh-schema.ts';
import {
  type PrometheusConfig,
  prometheusConfigSchema,
  prometheusType,
} from '../../model/types/prometheus.ts';

/** An application whose metrics kuma-dp is to add to its own. */
export interface AggregatedMetrics {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

type Aggregate = NonNullable<PrometheusConfig['aggregate']>[number];

function aggregateOf(conf: unknown): readonly Aggregate[] {
  const parsed = prometheusConfigSchema.safeParse(conf ?? {});
  return parsed.success ? (parsed.data.aggregate ?? []) : [];
}

/**
 * The applications that the mesh's metrics backend and the Dataplane name; where both name one, the Dataplane's word
 * counts. Empty while the mesh has no such backend switched on.
 */
export function aggregatedMetrics(mesh: MeshSpec, dataplane: DataplaneSpec): readonly AggregatedMetrics[] {
  const enabled = mesh.metrics?.enabledBackend ?? '';
  const backend = mesh.metrics?.backends?.find(({ name }) => (name ?? '') === enabled);
  if (backend?.type !== prometheusType) {
    return [];
  }
  const own = dataplane.metrics?.type === prometheusType ? aggregateOf(dataplane.metrics.conf) : [];
  const merged = new Map([...aggregateOf(backend.conf), ...own].map((entry) => [entry.name ?? '', entry]));
  return [...merged.values()]
    .filter((entry) => entry.enabled !== false)
    .map((entry) => ({
      name: entry.name ?? '',
      address: entry.address ?? dataplane.networking?.address ?? '',
      port: entry.port ?? 0,
      path: entry.path ?? '',
    }));
}
