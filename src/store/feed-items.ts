import { tenantId } from '../model/tenant.ts';
import type { Hint } from './feed.ts';

/**
 * Where all hints are, in the order of their times. One partition of DynamoDB takes 1,000 writes a second; more would be
 * refused, and found by the checks of the heads.
 */
export const feedPartition = 'feed';

/** Enough to tell hints of one millisecond apart; each byte is read by every relay. */
const idLength = 12;

/** The sort key of a hint: times are 15 digits, so that the order of texts is that of times. */
export function sortOf(time: number, id: string): string {
  return `${timeText(time)}/${id.slice(-idLength)}`;
}

export function timeText(time: number): string {
  return String(Math.max(0, time)).padStart(15, '0');
}

/** The time in a sort key, in milliseconds since 1970. */
export function timeOf(sort: string): number {
  return Number(sort.slice(0, sort.indexOf('/')));
}

/** The value of an item. */
export function itemValue(hints: readonly Hint[]): string {
  return JSON.stringify(hints.map(({ tenant, mesh, revision }) => [tenant, mesh, revision]));
}

/** Reads the value of an item. */
export function hintsOf(value: string): readonly Hint[] {
  const rows = JSON.parse(value) as readonly (readonly [string, string, number])[];
  return rows.map(([tenant, mesh, revision]) => ({ tenant: tenantId(tenant), mesh, revision }));
}

/** Each mesh once, with its highest revision. */
export function highest(hints: Iterable<Hint>): readonly Hint[] {
  const meshes = new Map<string, Hint>();
  for (const hint of hints) {
    const key = `${hint.tenant}/${hint.mesh}`;
    const known = meshes.get(key);
    if (known === undefined || known.revision < hint.revision) {
      meshes.set(key, hint);
    }
  }
  return [...meshes.values()];
}
