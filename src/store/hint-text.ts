import * as z from 'zod';
import { tenantId } from '../model/tenant.ts';
import type { Hint } from './feed.ts';
import { itemValue } from './feed-items.ts';

/** Hints in one text: with names as long as they can be they are some 200 KB. */
const maxHints = 250;

const rowsSchema = z.array(z.tuple([z.string(), z.string(), z.int().min(0)]).rest(z.unknown()));

/** Hints as texts for a queue; the form is that of the feed's items. */
export function hintTexts(hints: readonly Hint[]): readonly string[] {
  const texts: string[] = [];
  for (let start = 0; start < hints.length; start += maxHints) {
    texts.push(itemValue(hints.slice(start, start + maxHints)));
  }
  return texts;
}

/**
 * Reads what {@link hintTexts} made, here or in another release.
 *
 * @throws Error where it is something else.
 */
export function hintsOfText(text: string): readonly Hint[] {
  const rows = rowsSchema.parse(JSON.parse(text));
  return rows.map(([tenant, mesh, revision]) => ({ tenant: tenantId(tenant), mesh, revision }));
}
