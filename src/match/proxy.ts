import { KumulusError } from '../model/errors.ts';
import type { Protocol } from '../model/protocol.ts';
import type { Resource } from '../model/resource.ts';
import { serviceTag, type Tags } from '../model/tags.ts';
import { type DataplaneSpec, dataplaneSchema } from '../model/types/dataplane.ts';
import {
  type GatewayType,
  gatewayTypeOf,
  type InboundInterface,
  inboundInterface,
  inboundsOf,
  outboundInterface,
  outboundsOf,
  protocolOf,
} from '../model/types/dataplane-helpers.ts';
import { compareText } from './rank.ts';
import { createWeakCache } from './weak-cache.ts';

/** An inbound with every default filled in. */
export interface ProxyInbound extends InboundInterface {
  /** Empty where the tags name none. */
  readonly service: string;
  readonly protocol: Protocol;
  readonly tags: Tags;
}

/**
 * An outbound that names its service by tags, with every default filled in. Equal outbounds of different proxies are one
 * object, so that what is worked out for it can be remembered by it.
 */
export interface ProxyOutbound {
  readonly address: string;
  readonly port: number;
  readonly service: string;
  readonly tags: Tags;
}

/** A Dataplane as matching and compiling see it. */
export interface DataplaneProxy {
  readonly mesh: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** Absent for a sidecar. */
  readonly gateway?: { readonly type: GatewayType; readonly tags: Tags };
  readonly inbounds: readonly ProxyInbound[];
  /** Those that name their service by tags, in the order of the Dataplane. */
  readonly outbounds: readonly ProxyOutbound[];
  readonly spec: DataplaneSpec;
}

const parsed = new WeakMap<Resource, DataplaneProxy>();
const outbounds = createWeakCache<ProxyOutbound>();

/**
 * Reads a Dataplane, once a resource.
 *
 * @throws KumulusError `invalid` where the resource has not the form of a Dataplane.
 */
export function proxyOf(dataplane: Resource): DataplaneProxy {
  const known = parsed.get(dataplane) ?? read(dataplane);
  parsed.set(dataplane, known);
  return known;
}

function read({ mesh, name, labels, spec }: Resource): DataplaneProxy {
  const result = dataplaneSchema.safeParse(spec);
  if (!result.success) {
    throw new KumulusError('invalid', `the Dataplane ${name} of the mesh ${mesh} cannot be read`, {
      cause: result.error,
    });
  }
  const type = gatewayTypeOf(result.data);
  return {
    mesh,
    name,
    labels,
    address: result.data.networking?.address ?? '',
    ...(type === undefined ? {} : { gateway: { type, tags: result.data.networking?.gateway?.tags ?? {} } }),
    inbounds: inboundsOf(result.data).map((inbound) => ({
      ...inboundInterface(result.data, inbound),
      service: inbound.tags?.[serviceTag] ?? '',
      protocol: protocolOf(inbound),
      tags: inbound.tags ?? {},
    })),
    outbounds: outboundsOf(result.data)
      .filter(({ backendRef }) => backendRef === undefined)
      .map((outbound) => {
        const { address, port } = outboundInterface(outbound);
        const { tags = {} } = outbound;
        const sorted = Object.entries(tags).sort(([a], [b]) => compareText(a, b));
        return outbounds.get(`${address} ${port} ${JSON.stringify(sorted)}`, () => ({
          address,
          port,
          service: tags[serviceTag] ?? '',
          tags,
        }));
      }),
    spec: result.data,
  };
}
