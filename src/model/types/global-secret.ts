import type { ResourceType } from '../resource-type.ts';
import { Violations } from '../violations.ts';
import { type SecretSpec, secretSchema } from './secret.ts';

/** Kuma's `GlobalSecret`: a secret of the control plane. */
export const globalSecretType: ResourceType<SecretSpec> = {
  name: 'GlobalSecret',
  scope: 'Global',
  path: 'globalsecrets',
  singularDisplayName: 'Global Secret',
  pluralDisplayName: 'Global Secrets',
  shortName: '',
  readOnly: false,
  layout: 'flat',
  secret: true,
  includeInFederation: true,
  providedByZone: true,
  schema: secretSchema,
  validate: () => new Violations(),
};
