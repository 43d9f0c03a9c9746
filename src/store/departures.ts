import type { TenantId } from '../model/tenant.ts';

/**
 * Why a proxy is on a list: its Dataplane goes when it was offline for too long (`offline`), soon, because it left for
 * good (`left`), or it is a zone proxy, whose age is another (`zone`).
 */
export type DepartureList = 'offline' | 'left' | 'zone';

/** Proxies of one mesh that went at about the same time. */
export interface Departure {
  readonly list: DepartureList;
  readonly tenant: TenantId;
  /** Empty for zone proxies. */
  readonly mesh: string;
  /** When the last of them went, in milliseconds since 1970. */
  readonly time: number;
  /** Names of insights. */
  readonly names: readonly string[];
  /** Its place in the list, opaque to its users. */
  readonly place: string;
}

/**
 * Which proxies went and when, so that a job finds those that are gone for long without looking at any other. Whoever
 * writes that the last subscription of a proxy is closed enters it, in the same transaction; the entry stays when the
 * proxy comes back, so whoever reads one looks whether it still holds.
 */
export interface Departures {
  /** Those of `until` (milliseconds since 1970) and before, the oldest first in each of the list's parts, in pages. */
  entries(list: DepartureList, until: number): AsyncGenerator<readonly Departure[], void, void>;
  /** Takes an entry off its list. */
  settle(departure: Departure): Promise<void>;
  /** Moves an entry to another time. */
  postpone(departure: Departure, time: number): Promise<void>;
}
