import type { TenantId } from '../../model/tenant.ts';
import { enterDeparture } from '../create-departures.ts';
import type { DepartureList } from '../departures.ts';
import type { Insight } from '../insights.ts';
import type { Operation } from '../port.ts';

/** A proxy that is found gone by a write to its insight. */
export interface Gone {
  readonly name: string;
  /** When, in milliseconds since 1970. */
  readonly since: number;
  /** It left for good. */
  readonly left: boolean;
}

/**
 * Since when no stream of the proxy is open, in milliseconds since 1970; undefined where one is, or none ever was. That
 * the relay which holds it is dead is not seen here.
 */
export function goneSince(insight: Pick<Insight, 'subscriptions'> | undefined): number | undefined {
  const subscriptions = insight?.subscriptions ?? [];
  let since: number | undefined;
  // The newest is the one that is open, where any is.
  for (const { disconnectTime } of subscriptions.toReversed()) {
    if (disconnectTime === undefined) {
      return undefined;
    }
    since = Math.max(since ?? 0, Date.parse(disconnectTime));
  }
  return since;
}

/** The operations that enter who went, for the transaction of the write that tells of it. */
export function departureOperations(
  scope: { readonly tenant: TenantId; readonly mesh: string; readonly revision: number },
  gone: readonly Gone[],
): readonly Operation[] {
  const lists = new Map<DepartureList, Gone[]>();
  for (const one of gone) {
    const list = scope.mesh === '' ? 'zone' : one.left ? 'left' : 'offline';
    lists.set(list, [...(lists.get(list) ?? []), one]);
  }
  return [...lists].map(([list, members]) =>
    enterDeparture({
      ...scope,
      list,
      time: Math.max(...members.map(({ since }) => since)),
      names: members.map(({ name }) => name),
    }),
  );
}
