import * as z from 'zod';
import { table } from '../output/table.ts';

const changesSchema = z.looseObject({
  revision: z.number(),
  items: z.array(
    z.looseObject({
      revision: z.number(),
      time: z.string(),
      changes: z.array(
        z.looseObject({
          action: z.string(),
          type: z.string(),
          mesh: z.string().exactOptional(),
          name: z.string(),
        }),
      ),
    }),
  ),
  next: z.string().nullable(),
});

export type Changes = z.output<typeof changesSchema>;

/** Reads what `_changes` answers. */
export function readChanges(value: unknown): Changes {
  return changesSchema.parse(value);
}

/** A line for each change: revision, time, what was done to what. */
export function changeLines({ items }: Changes): string {
  return items
    .flatMap(({ revision, time, changes }) =>
      changes.map(({ action, type, name }) => `${revision}  ${time}  ${action}  ${type} ${name}\n`),
    )
    .join('');
}

const recordSchema = z.looseObject({
  time: z.string(),
  action: z.string(),
  type: z.string(),
  mesh: z.string().default(''),
  name: z.string(),
  author: z.looseObject({ user: z.string().default(''), address: z.string().default('') }).prefault({}),
});

/** Who did what, from what `/_audit` lists. */
export function auditTable(records: readonly unknown[]): string {
  return table(
    ['TIME', 'USER', 'FROM', 'ACTION', 'TYPE', 'MESH', 'NAME'],
    records.map((record) => {
      const { time, action, type, mesh, name, author } = recordSchema.parse(record);
      return [time, author.user, author.address, action, type, mesh, name];
    }),
  );
}
