import { z } from 'zod';

/** Go writes lists and maps that are not there as null, and reads null as empty. */
const strings = z
  .array(z.string())
  .nullish()
  .transform((list): readonly string[] => list ?? []);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const tags = z
  .record(z.string(), strings)
  .nullish()
  .transform((map): Readonly<Record<string, readonly string[]>> => map ?? {});

/** What a dataplane token says of its bearer; what is empty is not restricted. */
export const dataplaneClaimsSchema = z.object({
  Name: text,
  Mesh: text,
  Tags: tags,
  Type: text,
  Workload: text,
});
export type DataplaneClaims = Readonly<z.output<typeof dataplaneClaimsSchema>>;

/** What a zone token says: for which zone (all, where empty) and what (`ingress`, `egress`, `cp`). */
export const zoneClaimsSchema = z.object({ Zone: text, Scope: strings });
export type ZoneClaims = Readonly<z.output<typeof zoneClaimsSchema>>;

/** Whom a user token stands for. */
export const userClaimsSchema = z.object({ Name: text, Groups: strings });
export type UserClaims = Readonly<z.output<typeof userClaimsSchema>>;
