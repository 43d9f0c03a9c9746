import * as z from 'zod';
import type { Labels } from '../labels.ts';

/** Picks resources by their labels; without labels, all of them. */
export const labelSelectorSchema = z.object({
  matchLabels: z.record(z.string(), z.string()).exactOptional(),
});

export type LabelSelector = z.output<typeof labelSelectorSchema>;

/** Whether labels have all those that the selector asks for. */
export function matchesLabels({ matchLabels = {} }: LabelSelector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(
    ([name, value]) => Object.hasOwn(labels, name) && labels[name] === value,
  );
}
