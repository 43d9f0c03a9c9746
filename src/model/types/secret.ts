import type * as z from 'zod';
import * as proto from '../proto-json.ts';
import type { ResourceType } from '../resource-type.ts';
import { Violations } from '../violations.ts';

/** What a Secret and a GlobalSecret hold. */
export const secretSchema = proto.message({
  /** Base64. */
  data: proto.nonEmptyBytesValue(),
});

export type SecretSpec = z.output<typeof secretSchema>;

/** Kuma's `Secret`: a secret of one mesh. */
export const secretType: ResourceType<SecretSpec> = {
  name: 'Secret',
  scope: 'Mesh',
  path: 'secrets',
  singularDisplayName: 'Secret',
  pluralDisplayName: 'Secrets',
  shortName: '',
  readOnly: false,
  layout: 'flat',
  secret: true,
  includeInFederation: true,
  providedByZone: true,
  schema: secretSchema,
  validate: () => new Violations(),
};
