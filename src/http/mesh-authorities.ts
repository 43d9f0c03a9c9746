import { createAuthority, defaultAuthorityLifetime, loadAuthority } from '../certificates/authority.ts';
import { isKumulusError } from '../model/errors.ts';
import type { Clock } from '../model/ports.ts';
import type { Resource } from '../model/resource.ts';
import { SecretValue } from '../model/secret-value.ts';
import type { TenantId } from '../model/tenant.ts';
import {
  builtinCaConfigSchema,
  builtinCaSecretNames,
  type DataSource,
  providedCaConfigSchema,
} from '../model/types/ca-backend.ts';
import { parseExpiration } from '../model/types/expiration.ts';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import { field, index, type Violations } from '../model/violations.ts';
import { secretData, secretSpec } from '../secrets/secret-data.ts';
import type { Change, ResourceStore } from '../store/resource-store.ts';

/** RSA as in Kuma, whose proxies and clients may check the kind of key. */
const defaultRsaBits = 2048;

function secretChange(mesh: string, name: string, contents: string): Change {
  return { kind: 'put', draft: { type: 'Secret', mesh, name, labels: {}, spec: secretSpec(contents) } };
}

async function createBuiltin(mesh: string, backend: CaBackend, now: number): Promise<readonly Change[]> {
  const { caCert } = builtinCaConfigSchema.parse(backend.conf ?? {});
  const pair = await createAuthority({
    kind: { rsaBits: caCert?.RSAbits || defaultRsaBits },
    subject: { organization: 'Kuma', organizationalUnit: 'Mesh', commonName: mesh },
    lifetime: parseExpiration(caCert?.expiration ?? '') ?? defaultAuthorityLifetime,
    now,
    uris: [`spiffe://${mesh}`],
  });
  const names = builtinCaSecretNames(mesh, backend.name ?? '');
  return [secretChange(mesh, names.cert, pair.certificate), secretChange(mesh, names.key, pair.key.reveal())];
}

/** The built-in authorities that a mesh names and that are not there yet, as Secrets to be committed with it. */
export async function missingAuthorities(
  resources: ResourceStore,
  clock: Clock,
  tenant: TenantId,
  mesh: string,
  spec: MeshSpec,
  isNew: boolean,
): Promise<readonly Change[]> {
  const builtin = (spec.mtls?.backends ?? []).filter(({ type }) => type === 'builtin');
  const changes = builtin.map(async (backend) => {
    const names = builtinCaSecretNames(mesh, backend.name ?? '');
    const stored = isNew
      ? []
      : await Promise.all(
          [names.cert, names.key].map((name) => resources.get(tenant, { type: 'Secret', mesh, name })),
        );
    const there = stored.length > 0 && stored.every((secret) => secret !== undefined);
    return there ? [] : createBuiltin(mesh, backend, clock());
  });
  return (await Promise.all(changes)).flat();
}

/** A text that is not to be had; the message is for the caller. */
class UnavailableSource extends Error {}

async function load(
  find: (name: string) => Promise<Resource | undefined>,
  source: DataSource,
): Promise<string> {
  if (source.secret !== undefined) {
    const secret = await find(source.secret);
    if (secret === undefined) {
      throw new UnavailableSource(
        `could not load data: secret ${JSON.stringify(source.secret)} is not found`,
      );
    }
    return secretData(secret).toString('utf8');
  }
  if (source.file !== undefined) {
    // A tenant must not read the files of the machine that serves it.
    throw new UnavailableSource(
      'could not load data: files of the control plane cannot be used, use a secret',
    );
  }
  return source.inlineString ?? Buffer.from(source.inline ?? '', 'base64').toString('utf8');
}

/** Loads the certificates and keys of `provided` authorities, and adds what is wrong with them. */
export async function checkProvidedAuthorities(
  violations: Violations,
  resources: ResourceStore,
  tenant: TenantId,
  mesh: string,
  spec: MeshSpec,
): Promise<void> {
  const find = (name: string) => resources.get(tenant, { type: 'Secret', mesh, name });
  for (const [position, backend] of (spec.mtls?.backends ?? []).entries()) {
    const { cert, key } = providedCaConfigSchema.safeParse(backend.conf ?? {}).data ?? {};
    if (backend.type !== 'provided' || cert === undefined || key === undefined) {
      continue;
    }
    const path = field(index('mtls.backends', position), 'conf');
    try {
      const [certificate, privateKey] = await Promise.all([load(find, cert), load(find, key)]);
      loadAuthority(certificate, new SecretValue(privateKey));
    } catch (error) {
      if (error instanceof UnavailableSource) {
        violations.add(field(path, 'cert'), error.message).add(field(path, 'key'), error.message);
      } else if (isKumulusError(error, 'invalid')) {
        violations.add(field(path, 'cert'), `not a valid TLS key pair: ${error.message}`);
      } else {
        throw error;
      }
    }
  }
}
