import type { DataplaneSpec, Inbound } from '../../model/types/dataplane.ts';
import { inboundInterface } from '../../model/types/dataplane-helpers.ts';
import type { HealthReport } from './health-session.ts';

function inboundAfter(spec: DataplaneSpec, inbound: Inbound, { envoy, ports }: HealthReport): Inbound {
  const healthy = envoy && (ports.get(inboundInterface(spec, inbound).workloadPort) ?? true);
  const state = inbound.state ?? 'Ready';
  if (healthy && state === 'NotReady') {
    // Ready is the default, which is stored as nothing.
    const { state: _, ...rest } = inbound;
    return { ...rest, health: { ready: true } };
  }
  // `health` says the same to Kuma 2.5 and older; protobuf leaves out a false.
  return !healthy && state === 'Ready' ? { ...inbound, state: 'NotReady', health: {} } : inbound;
}

/**
 * The Dataplane as it is after a report: an inbound takes traffic while Envoy does and the port behind it answers, if
 * it is probed. Inbounds that are ignored stay so. Undefined where nothing changes.
 */
export function applyReport(spec: DataplaneSpec, report: HealthReport): DataplaneSpec | undefined {
  const before = spec.networking?.inbound ?? [];
  const after = before.map((inbound) => inboundAfter(spec, inbound, report));
  return after.every((inbound, position) => inbound === before[position])
    ? undefined
    : { ...spec, networking: { ...spec.networking, inbound: after } };
}
