import * as z from 'zod';

const changeSchema = z.looseObject({
  action: z.enum(['create', 'update', 'unchanged', 'delete']),
  type: z.string(),
  mesh: z.string().exactOptional(),
  name: z.string(),
  differences: z
    .array(z.looseObject({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }))
    .exactOptional(),
  warnings: z.array(z.string()).exactOptional(),
});

/** What `POST /_apply` answers. */
export const applyAnswerSchema = z.looseObject({
  dryRun: z.boolean(),
  revisions: z.record(z.string(), z.number()),
  changes: z.array(changeSchema),
});

export type ApplyAnswer = z.output<typeof applyAnswerSchema>;
export type AppliedChange = z.output<typeof changeSchema>;

const words = {
  create: ['created', 'would be created'],
  update: ['updated', 'would be updated'],
  unchanged: ['unchanged', 'unchanged'],
  delete: ['deleted', 'would be deleted'],
} as const;

/** A line for each change, with its differences below, as far as there are any to see. */
export function changeLines(changes: readonly AppliedChange[], dryRun: boolean): string {
  return changes
    .map(({ action, type, mesh, name, differences = [] }) => {
      const of = mesh === undefined ? name : `${mesh}/${name}`;
      const below = differences.map(
        (each) => `    ${each.path}: ${side(each, 'before')} -> ${side(each, 'after')}\n`,
      );
      return `${type} ${of} ${words[action][dryRun ? 1 : 0]}\n${below.join('')}`;
    })
    .join('');
}

function side(difference: Readonly<Record<string, unknown>>, name: 'before' | 'after'): string {
  return Object.hasOwn(difference, name) ? JSON.stringify(difference[name]) : 'none';
}

/** `3 created, 1 updated, 200 unchanged`. */
export function summaryLine(changes: readonly AppliedChange[], dryRun: boolean): string {
  const parts = (['create', 'update', 'delete', 'unchanged'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} ${words[action][dryRun ? 1 : 0]}`];
  });
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}
