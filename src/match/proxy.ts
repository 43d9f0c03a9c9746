import { KumulusError } from '../model/errors.ts';
import type { Protocol } from '../model/protocol.ts';
import type { Resource } from '../model/resource.ts';
import { serviceTag, type Tags } from '../model/tags.ts';
import { type DataplaneSpec, type Inbound, type Outbound, readDataplane } from '../model/types/dataplane.ts';
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

/**
 * An inbound with every default filled in. Equal inbounds are one object, as are equal outbounds, so that what is worked
 * out for one can be remembered by it.
 */
export interface ProxyInbound extends InboundInterface {
  /** Empty where the tags name none. */
  readonly service: string;
  readonly protocol: Protocol;
  readonly tags: Tags;
}

/** An outbound that names its service by tags, with every default filled in. */
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
  /** The services of the outbounds. */
  readonly services: ReadonlySet<string>;
}

const parsed = new WeakMap<Resource, DataplaneProxy>();
const inbounds = createWeakCache<ProxyInbound>();
const outbounds = createWeakCache<ProxyOutbound>();

/**
 * Reads a Dataplane, once a resource.
 *
 * @throws KumulusError `invalid` where the resource has not the form of a Dataplane.
 */
export function proxyOf(dataplane: Resource): DataplaneProxy {
  let proxy = parsed.get(dataplane);
  if (proxy === undefined) {
    proxy = read(dataplane);
    parsed.set(dataplane, proxy);
  }
  return proxy;
}

function read(dataplane: Resource): DataplaneProxy {
  const { mesh, name, labels } = dataplane;
  const data = specOf(dataplane);
  const type = gatewayTypeOf(data);
  const consumed = outboundsOf(data)
    .filter(({ backendRef }) => backendRef === undefined)
    .map(readOutbound);
  return {
    mesh,
    name,
    labels,
    address: data.networking?.address ?? '',
    ...(type === undefined ? {} : { gateway: { type, tags: data.networking?.gateway?.tags ?? {} } }),
    inbounds: inboundsOf(data).map((inbound) => readInbound(data, inbound)),
    outbounds: consumed,
    services: new Set(consumed.map(({ service }) => service)),
  };
}

/**
 * The whole spec of a Dataplane, for what a proxy's configuration is not made from.
 *
 * @throws KumulusError `invalid` where the resource has not the form of a Dataplane.
 */
export function specOf(dataplane: Resource): DataplaneSpec {
  const { data, error } = readDataplane(dataplane);
  if (data === undefined) {
    const { mesh, name } = dataplane;
    throw new KumulusError('invalid', `the Dataplane ${name} of the mesh ${mesh} cannot be read`, {
      cause: error,
    });
  }
  return data;
}

/** The Dataplane with its spec, which is read when it is looked at, and may throw then as {@link specOf} does. */
export function withSpec(dataplane: Resource): Pick<Resource, 'mesh' | 'name' | 'labels'> & {
  readonly spec: DataplaneSpec;
} {
  const { mesh, name, labels } = dataplane;
  return {
    mesh,
    name,
    labels,
    get spec() {
      return specOf(dataplane);
    },
  };
}

/** The tags of each inbound, and those of the gateway. */
export function tagSetsOf({ inbounds, gateway }: DataplaneProxy): readonly Tags[] {
  return [...inbounds.map(({ tags }) => tags), ...(gateway === undefined ? [] : [gateway.tags])];
}

function readInbound(spec: DataplaneSpec, inbound: Inbound): ProxyInbound {
  const known = {
    ...inboundInterface(spec, inbound),
    service: inbound.tags?.[serviceTag] ?? '',
    protocol: protocolOf(inbound),
    tags: sorted(inbound.tags),
  };
  return inbounds.get(JSON.stringify(known), () => known);
}

function readOutbound(outbound: Outbound): ProxyOutbound {
  const { address, port } = outboundInterface(outbound);
  const tags = sorted(outbound.tags);
  const known = { address, port, service: tags[serviceTag] ?? '', tags };
  return outbounds.get(JSON.stringify(known), () => known);
}

function sorted(tags: Tags = {}): Tags {
  return Object.fromEntries(Object.entries(tags).sort(([a], [b]) => compareText(a, b)));
}
