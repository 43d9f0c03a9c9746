import type { MeshContext } from '../context/mesh-context.ts';
import { kri } from '../model/kri.ts';
import { labelNames } from '../model/labels.ts';
import type { Resource } from '../model/resource.ts';
import { outboundsOf } from '../model/types/dataplane-helpers.ts';
import { matchesLabels } from '../model/types/label-selector.ts';
import { meshExternalServiceSchema } from '../model/types/mesh-external-service/schema.ts';
import { meshExternalServiceType } from '../model/types/mesh-external-service/type.ts';
import {
  meshMultiZoneServiceSchema,
  meshMultiZoneServiceType,
} from '../model/types/mesh-multi-zone-service.ts';
import { meshServiceSchema, meshServiceType } from '../model/types/mesh-service.ts';
import { specOf } from './proxy.ts';
import { compareText } from './rank.ts';

/** A port of a service that a proxy may send traffic to. */
export interface ReachablePort {
  /** The identifier of the service, with the port as its section. */
  readonly kri: string;
  readonly port: number;
  readonly protocol: string;
}

/** A port with the name that it was given, empty where it was given none. */
interface NamedPort extends ReachablePort {
  readonly name: string;
}

/** A reference to services, of an outbound or of `reachableBackends`. */
interface BackendRef {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

const types = [meshServiceType, meshExternalServiceType, meshMultiZoneServiceType];

/**
 * The ports of MeshServices and the like that a Dataplane consumes, by identifier: those that its outbounds name, else
 * those of its `reachableBackends`, else all of the mesh.
 */
export function reachablePorts(dataplane: Resource, context: MeshContext): readonly ReachablePort[] {
  const spec = specOf(dataplane);
  const named = outboundsOf(spec).flatMap(({ backendRef }) => backendRef ?? []);
  const byOutbounds = named.flatMap((ref) => resolve(ref, dataplane, context));
  const reachable = spec.networking?.transparentProxying?.reachableBackends;
  const ports =
    byOutbounds.length > 0
      ? byOutbounds
      : reachable === undefined
        ? types.flatMap(({ name }) => servicesOf(name, context)).flatMap(portsOf)
        : (reachable.refs ?? []).flatMap((ref) => resolve(ref, dataplane, context));
  const unique = new Map(ports.map((port) => [port.kri, port]));
  return [...unique.values()].sort((a, b) => compareText(a.kri, b.kri));
}

function servicesOf(type: string, { resources }: MeshContext): readonly Resource[] {
  return [...(resources.get(type)?.values() ?? [])];
}

/**
 * The port that a reference names, or all ports where it names none of those that there are. As in the reference, naming
 * none is naming the first port without a name.
 */
function resolve(ref: BackendRef, dataplane: Resource, context: MeshContext): readonly ReachablePort[] {
  const section = ref.port === undefined ? '' : String(ref.port);
  return referredTo(ref, dataplane, context).flatMap((service) => {
    const ports = portsOf(service);
    const named = ports.find(({ name, port }) => name === section || String(port) === section);
    return named === undefined ? ports : [named];
  });
}

function referredTo(ref: BackendRef, dataplane: Resource, context: MeshContext): readonly Resource[] {
  const type = types.find(({ name }) => name === ref.kind);
  if (type === undefined) {
    return [];
  }
  const services = servicesOf(type.name, context);
  const { labels = {} } = ref;
  const labelled =
    Object.keys(labels).length === 0
      ? []
      : services.filter((service) => matchesLabels({ matchLabels: labels }, service.labels));
  if (labelled.length > 0) {
    return labelled;
  }
  // A name is meant in the zone and the namespace of who says it.
  const own = dataplane.labels[labelNames.namespace] ?? '';
  const identifier = kri(type, {
    mesh: dataplane.mesh,
    name: ref.name ?? '',
    labels: {
      [labelNames.zone]: dataplane.labels[labelNames.zone] ?? '',
      [labelNames.namespace]: ref.namespace ?? own,
    },
  });
  return services.filter((service) => kri(type, service) === identifier);
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

const known = new WeakMap<Resource, readonly NamedPort[]>();

/** The ports of a service, worked out once a resource. */
function portsOf(service: Resource): readonly NamedPort[] {
  const type = types.find(({ name }) => name === service.type);
  const ports =
    known.get(service) ??
    listPorts(service).map(({ name, port, protocol }) => ({
      name: name ?? '',
      kri: (type && kri(type, service, name ?? String(port))) ?? '',
      port,
      protocol,
    }));
  known.set(service, ports);
  return ports;
}

function listPorts({ type, spec }: Resource): readonly ServicePort[] {
  if (type === meshExternalServiceType.name) {
    return [meshExternalServiceSchema.parse(spec).match];
  }
  const { ports = [] } =
    type === meshServiceType.name ? meshServiceSchema.parse(spec) : meshMultiZoneServiceSchema.parse(spec);
  return ports.map(({ appProtocol, ...port }) => ({ ...port, protocol: appProtocol }));
}
