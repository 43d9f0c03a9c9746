import * as z from 'zod';
import { firstPemLabel } from '../pem-block.ts';
import type { ResourceType } from '../resource-type.ts';
import { field, index, Violations } from '../violations.ts';

const originSchema = z.object({ kri: z.string().exactOptional() });

/** Kuma's `MeshTrust`: the authorities whose certificates are good for the identities of one trust domain (SPIFFE). */
export const meshTrustSchema = z.object({
  origin: originSchema
    .describe('Deprecated: the status says which MeshIdentity it comes from.')
    .exactOptional(),
  trustDomain: z.string().max(253),
  caBundles: z
    .array(
      z.object({
        type: z.enum(['Pem']),
        pem: z.object({ value: z.string().describe('Certificates in PEM.') }).exactOptional(),
      }),
    )
    .min(1),
});

export type MeshTrustSpec = z.output<typeof meshTrustSchema>;

const privateKeys: ReadonlySet<string> = new Set([
  'PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
]);

/** The reference looks at the label of the first block only, and takes whatever is no private key. */
function validate({ caBundles, trustDomain }: MeshTrustSpec): Violations {
  const violations = new Violations();
  for (const [position, { pem }] of caBundles.entries()) {
    const path = field(index('spec.caBundles', position), 'pem');
    if (pem === undefined) {
      violations.add(path, 'must be defined');
      continue;
    }
    const label = firstPemLabel(pem.value);
    if (label === undefined || privateKeys.has(label)) {
      violations.add(field(path, 'value'), 'provided certificate has incorrect format');
    }
  }
  if (trustDomain === '') {
    violations.add('spec.trustDomain', 'trustDomain needs to be defined');
  }
  return violations;
}

export const meshTrustType: ResourceType<MeshTrustSpec> = {
  name: 'MeshTrust',
  scope: 'Mesh',
  path: 'meshtrusts',
  singularDisplayName: 'Mesh Trust',
  pluralDisplayName: 'Mesh Trusts',
  shortName: 'mtrust',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: true,
  providedByZone: true,
  schema: meshTrustSchema,
  status: { schema: z.object({ origin: originSchema.exactOptional() }), initial: {} },
  validate,
  deprecations: ({ origin }) => (origin === undefined ? [] : ['setting spec.origin field is deprecated']),
};
