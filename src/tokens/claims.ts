import * as z from 'zod';
import { goText, goTextLists, goTexts } from './go-values.ts';

/** What a dataplane token says of its bearer; what is empty is not restricted. */
export const dataplaneClaimsSchema = z.object({
  Name: goText,
  Mesh: goText,
  Tags: goTextLists,
  Type: goText,
  Workload: goText,
});
export type DataplaneClaims = Readonly<z.output<typeof dataplaneClaimsSchema>>;

/** What a zone token says: for which zone (all, where empty) and what (`ingress`, `egress`, `cp`). */
export const zoneClaimsSchema = z.object({ Zone: goText, Scope: goTexts });
export type ZoneClaims = Readonly<z.output<typeof zoneClaimsSchema>>;

/** Whom a user token stands for. */
export const userClaimsSchema = z.object({ Name: goText, Groups: goTexts });
export type UserClaims = Readonly<z.output<typeof userClaimsSchema>>;
