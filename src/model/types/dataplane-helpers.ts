import { isUnspecified } from '../addresses.ts';
import { type Protocol, parseProtocol } from '../protocol.ts';
import { protocolTag, serviceTag, type Tags, zoneTag } from '../tags.ts';
import type { DataplaneSpec, Inbound, Outbound } from './dataplane-schema.ts';

/** The name that stands for no service at all, in logs and metrics. */
const unknownService = 'unknown';

/** Where an inbound listens and where its traffic goes. */
export interface InboundInterface {
  /** Where Envoy listens. */
  readonly address: string;
  readonly port: number;
  /** Where other proxies reach it: `networking.advertisedAddress`, or `address`. */
  readonly advertisedAddress: string;
  /** `serviceAddress`, or `address`: the workload shares the address of its proxy. */
  readonly workloadAddress: string;
  /** `servicePort`, or `port`. */
  readonly workloadPort: number;
  /** What `sectionName` calls it: its name, or its port. */
  readonly sectionName: string;
}

/** Where an outbound listens. */
export interface OutboundInterface {
  /** 127.0.0.1 unless told. */
  readonly address: string;
  readonly port: number;
}

export type GatewayType = 'BUILTIN' | 'DELEGATED';

export function inboundsOf(spec: DataplaneSpec): readonly Inbound[] {
  return spec.networking?.inbound ?? [];
}

export function outboundsOf(spec: DataplaneSpec): readonly Outbound[] {
  return spec.networking?.outbound ?? [];
}

/** The addresses and ports of an inbound, with the defaults of `networking` and of Kuma. */
export function inboundInterface(spec: DataplaneSpec, inbound: Inbound): InboundInterface {
  const address = inbound.address ?? spec.networking?.address ?? '';
  const port = inbound.port ?? 0;
  return {
    address,
    port,
    advertisedAddress: spec.networking?.advertisedAddress ?? address,
    workloadAddress: inbound.serviceAddress ?? address,
    workloadPort: inbound.servicePort ?? port,
    sectionName: sectionNameOf(inbound),
  };
}

export function outboundInterface(outbound: Outbound): OutboundInterface {
  return { address: outbound.address ?? '127.0.0.1', port: outbound.port ?? 0 };
}

/** What `sectionName` calls an inbound: its name, or its port. */
export function sectionNameOf(inbound: Inbound): string {
  return inbound.name ?? String(inbound.port ?? 0);
}

/** The address by which other proxies and the control plane reach the proxy. */
export function addressOf(spec: DataplaneSpec): string {
  return spec.networking?.advertisedAddress ?? spec.networking?.address ?? '';
}

/** The port of Envoy's admin API that the Dataplane asks for. */
export function adminPortOf(spec: DataplaneSpec): number | undefined {
  return spec.networking?.admin?.port;
}

/** Undefined for a sidecar. */
export function gatewayTypeOf(spec: DataplaneSpec): GatewayType | undefined {
  const gateway = spec.networking?.gateway;
  return gateway === undefined ? undefined : (gateway.type ?? 'DELEGATED');
}

/** The label `kuma.io/proxy-type`: only a built-in gateway is a gateway. */
export function proxyTypeOf(spec: DataplaneSpec): 'gateway' | 'sidecar' {
  return gatewayTypeOf(spec) === 'BUILTIN' ? 'gateway' : 'sidecar';
}

/** The tags of each inbound, and those of the gateway; one entry for each, in their order. */
export function tagSetsOf(spec: DataplaneSpec): readonly Tags[] {
  const gateway = spec.networking?.gateway;
  return [
    ...inboundsOf(spec).map((inbound) => inbound.tags ?? {}),
    ...(gateway === undefined ? [] : [gateway.tags ?? {}]),
  ];
}

/** The services that the proxy is a part of, sorted, each once. */
export function servicesOf(spec: DataplaneSpec): readonly string[] {
  const services = tagSetsOf(spec).flatMap((tags) => tags[serviceTag] ?? []);
  return [...new Set(services)].sort();
}

/** The service that names the proxy in certificates, metrics and access logs: the first of {@link servicesOf}. */
export function identifyingServiceOf(spec: DataplaneSpec): string {
  return servicesOf(spec)[0] ?? unknownService;
}

/** The protocol of an inbound; Envoy treats `unknown` as TCP. */
export function protocolOf(inbound: Inbound): Protocol {
  return parseProtocol(inbound.tags?.[protocolTag]);
}

/** Whether an inbound takes traffic: its state is `Ready` and its health, where told, too. */
export function isReady(inbound: Inbound): boolean {
  return (
    (inbound.state ?? 'Ready') === 'Ready' && (inbound.health === undefined || inbound.health.ready === true)
  );
}

/** Whether an inbound, or the workload behind it, uses the port at the address. */
export function usesInboundInterface(spec: DataplaneSpec, address: string, port: number): boolean {
  return inboundsOf(spec).some((inbound) => {
    const own = inboundInterface(spec, inbound);
    return (
      (own.port === port && overlap(own.address, address)) ||
      (own.workloadPort === port && overlap(own.workloadAddress, address))
    );
  });
}

/** Whether an outbound listens on the port at the address. */
export function usesOutboundInterface(spec: DataplaneSpec, address: string, port: number): boolean {
  return outboundsOf(spec).some((outbound) => {
    const own = outboundInterface(outbound);
    return own.port === port && overlap(own.address, address);
  });
}

/** The spec with the control plane's zone in the tags of its inbounds and gateway, whatever they said before. */
export function normaliseZone(spec: DataplaneSpec, zone: string): DataplaneSpec {
  const { networking } = spec;
  if (networking === undefined || zone === '') {
    return spec;
  }
  return {
    ...spec,
    networking: {
      ...networking,
      ...(networking.gateway === undefined
        ? {}
        : { gateway: { ...networking.gateway, tags: withZone(networking.gateway.tags, zone) } }),
      ...(networking.inbound === undefined
        ? {}
        : {
            inbound: networking.inbound.map((inbound) => ({
              ...inbound,
              tags: withZone(inbound.tags, zone),
            })),
          }),
    },
  };
}

function withZone(tags: Tags | undefined, zone: string): Record<string, string> {
  const entries = Object.entries({ ...tags, [zoneTag]: zone });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** An address that stands for every interface overlaps with all. */
function overlap(a: string, b: string): boolean {
  return isUnspecified(a) || isUnspecified(b) || a === b;
}
