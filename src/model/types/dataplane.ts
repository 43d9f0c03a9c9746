import type { ResourceType } from '../resource-type.ts';
import { normaliseZone, proxyTypeOf } from './dataplane-helpers.ts';
import { type DataplaneSpec, dataplaneSchema } from './dataplane-schema.ts';
import { validateDataplane } from './dataplane-validation.ts';

export {
  type DataplaneSpec,
  dataplaneSchema,
  type Gateway,
  type Inbound,
  type MetricsBackend,
  type Networking,
  type Outbound,
  type TransparentProxying,
} from './dataplane-schema.ts';
export { readDataplane } from './read-dataplane.ts';

/** Kuma's `Dataplane`: one proxy, next to a workload or as a gateway. */
export const dataplaneType: ResourceType<DataplaneSpec> = {
  name: 'Dataplane',
  scope: 'Mesh',
  path: 'dataplanes',
  singularDisplayName: 'Dataplane',
  pluralDisplayName: 'Dataplanes',
  shortName: 'dp',
  readOnly: false,
  layout: 'flat',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: dataplaneSchema,
  validate: validateDataplane,
  prepare: (spec, { zone, creating }) => normaliseZone(creating ? withProbedState(spec) : spec, zone),
  proxyType: proxyTypeOf,
};

/** A new proxy whose inbounds are probed takes no traffic before the first probe has answered. */
function withProbedState(spec: DataplaneSpec): DataplaneSpec {
  const inbound = spec.networking?.inbound;
  if (inbound === undefined) {
    return spec;
  }
  return {
    ...spec,
    networking: {
      ...spec.networking,
      inbound: inbound.map((one) =>
        one.serviceProbe === undefined ? one : { ...one, health: {}, state: 'NotReady' as const },
      ),
    },
  };
}
