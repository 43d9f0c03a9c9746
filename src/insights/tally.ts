import { factsOf, type ProxyStatus, type ServicePart } from './proxy-status.ts';
import { digestOfRow, type ProxyRow } from './rows.ts';

/** Proxies by status. */
export type Counts = Readonly<Record<ProxyStatus, number>>;

export const noCounts: Counts = { online: 0, offline: 0, partially_degraded: 0 };

export function totalOf({ online, offline, partially_degraded }: Counts): number {
  return online + offline + partially_degraded;
}

/** Kinds of Dataplanes, in the words of Kuma's MeshInsight. */
export type ProxyKind = 'standard' | 'gatewayBuiltin' | 'gatewayDelegated';

/** The instances of one service. */
export interface ServiceTally {
  /** How many there are of each type; a service is mostly of one. */
  readonly types: ReadonlyMap<ServicePart['type'], number>;
  readonly online: number;
  /** Those of proxies that are partially degraded, too, as in the reference. */
  readonly offline: number;
  readonly issuedBackends: ReadonlyMap<string, number>;
  readonly zones: ReadonlyMap<string, number>;
  /** When one of its proxies, or what is known of it, last changed; milliseconds since 1970. */
  readonly modified: number;
}

/** The proxies of a mesh, counted in every way that insights show. Immutable. */
export interface MeshTally {
  readonly kinds: Readonly<Record<ProxyKind, Counts>>;
  /** By version of kuma-dp and of Envoy; {@link unknownVersion} where the proxy did not say. */
  readonly kumaDp: ReadonlyMap<string, Counts>;
  readonly envoy: ReadonlyMap<string, Counts>;
  /** By backend of the mesh's mTLS. */
  readonly issuedBackends: ReadonlyMap<string, Counts>;
  readonly supportedBackends: ReadonlyMap<string, Counts>;
  readonly services: ReadonlyMap<string, ServiceTally>;
  /** When a proxy, or what is known of it, last changed; milliseconds since 1970. */
  readonly modified: number;
}

export const unknownVersion = 'unknown';

export const emptyTally: MeshTally = {
  kinds: { standard: noCounts, gatewayBuiltin: noCounts, gatewayDelegated: noCounts },
  kumaDp: new Map(),
  envoy: new Map(),
  issuedBackends: new Map(),
  supportedBackends: new Map(),
  services: new Map(),
  modified: 0,
};

const emptyService: ServiceTally = {
  types: new Map(),
  online: 0,
  offline: 0,
  issuedBackends: new Map(),
  zones: new Map(),
  modified: 0,
};

/** The kind of a Dataplane. */
export function kindOf({ resource }: ProxyRow): ProxyKind {
  const { gateway } = factsOf(resource);
  if (gateway === undefined) {
    return 'standard';
  }
  return gateway === 'BUILTIN' ? 'gatewayBuiltin' : 'gatewayDelegated';
}

function counted(counts: Counts, status: ProxyStatus, by: number): Counts {
  return { ...counts, [status]: counts[status] + by };
}

/** Adds to the counts under a key, which goes with the last that was counted there. */
function countIn(map: Map<string, Counts>, key: string, status: ProxyStatus, by: number): void {
  const counts = counted(map.get(key) ?? noCounts, status, by);
  if (totalOf(counts) === 0) {
    map.delete(key);
  } else {
    map.set(key, counts);
  }
}

function numbered<Key>(map: ReadonlyMap<Key, number>, key: Key, by: number): ReadonlyMap<Key, number> {
  const next = new Map(map);
  const number = (map.get(key) ?? 0) + by;
  if (number === 0) {
    next.delete(key);
  } else {
    next.set(key, number);
  }
  return next;
}

function lastChanged(row: ProxyRow): number {
  return Math.max(Date.parse(row.resource.modificationTime), digestOfRow(row)?.modified ?? 0);
}

function countService(services: Map<string, ServiceTally>, row: ProxyRow, by: number): void {
  const backend = digestOfRow(row)?.mtls?.issuedBackend ?? '';
  const modified = lastChanged(row);
  const member = row.status === 'online' ? 'online' : 'offline';
  for (const { service, type, zone } of factsOf(row.resource).parts) {
    const before = services.get(service) ?? emptyService;
    const after: ServiceTally = {
      ...before,
      types: numbered(before.types, type, by),
      [member]: before[member] + by,
      issuedBackends: backend === '' ? before.issuedBackends : numbered(before.issuedBackends, backend, by),
      zones: zone === '' ? before.zones : numbered(before.zones, zone, by),
      modified: Math.max(before.modified, modified),
    };
    if (after.types.size === 0) {
      services.delete(service);
    } else {
      services.set(service, after);
    }
  }
}

/**
 * The tally after some proxies went and others came; a proxy that changed does both. The cost is that of the proxies
 * that are given, and of copying what is counted by key.
 */
export function retally(before: MeshTally, gone: Iterable<ProxyRow>, come: Iterable<ProxyRow>): MeshTally {
  const kinds = { ...before.kinds };
  const kumaDp = new Map(before.kumaDp);
  const envoy = new Map(before.envoy);
  const issuedBackends = new Map(before.issuedBackends);
  const supportedBackends = new Map(before.supportedBackends);
  const services = new Map(before.services);
  let { modified } = before;
  const count = (row: ProxyRow, by: number) => {
    const { status } = row;
    const digest = digestOfRow(row);
    const kind = kindOf(row);
    kinds[kind] = counted(kinds[kind], status, by);
    countIn(kumaDp, digest?.kumaDp ?? unknownVersion, status, by);
    countIn(envoy, digest?.envoy ?? unknownVersion, status, by);
    if (digest?.mtls !== undefined) {
      countIn(issuedBackends, digest.mtls.issuedBackend, status, by);
      for (const backend of digest.mtls.supportedBackends) {
        countIn(supportedBackends, backend, status, by);
      }
    }
    countService(services, row, by);
    modified = Math.max(modified, lastChanged(row));
  };
  for (const row of gone) {
    count(row, -1);
  }
  for (const row of come) {
    count(row, 1);
  }
  return { kinds, kumaDp, envoy, issuedBackends, supportedBackends, services, modified };
}
