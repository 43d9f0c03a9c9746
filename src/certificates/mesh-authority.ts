import type { ZodType } from 'zod';
import { KumulusError } from '../model/errors.ts';
import { SecretValue } from '../model/secret-value.ts';
import {
  builtinCaConfigSchema,
  builtinCaSecretNames,
  providedCaConfigSchema,
} from '../model/types/ca-backend.ts';
import type { DataSource } from '../model/types/data-source.ts';
import { parseExpiration } from '../model/types/expiration.ts';
import type { CaBackend, MeshSpec } from '../model/types/mesh.ts';
import { Violations } from '../model/violations.ts';
import {
  type Authority,
  createAuthority,
  defaultAuthorityLifetime,
  type KeyPair,
  loadAuthority,
} from './authority.ts';
import { checkAuthority } from './authority-check.ts';
import { defaultIdentityLifetime } from './issue.ts';

/** Where the certificates and keys of a mesh's authorities come from. */
export interface AuthoritySources {
  /**
   * The contents of a Secret of the mesh; undefined where there is none. Who cannot answer at once loads those that
   * `secretsOfCaBackend` names beforehand.
   */
  secret(name: string): Uint8Array | undefined;
  /**
   * Reads a file of the control plane; absent where tenants must not read the files of the machine that serves them.
   */
  file?(path: string): Uint8Array;
}

/** The authority that a mesh issues identities by; undefined while mTLS is off. */
export function enabledBackend(spec: MeshSpec): CaBackend | undefined {
  const enabled = spec.mtls?.enabledBackend ?? '';
  return enabled === '' ? undefined : spec.mtls?.backends?.find((backend) => backend.name === enabled);
}

/** How long the identities of a backend live, in milliseconds: `dpCert.rotation.expiration`, or 24 hours. */
export function identityLifetime(backend: CaBackend): number {
  return parseExpiration(backend.dpCert?.rotation?.expiration ?? '') ?? defaultIdentityLifetime;
}

/**
 * Makes the authority of a `builtin` backend: P-256, or RSA where `conf.caCert.RSAbits` asks for it.
 *
 * @throws KumulusError `invalid` where the RSA size is not possible.
 */
export async function createBuiltinAuthority(
  mesh: string,
  backend: CaBackend,
  now: number,
): Promise<KeyPair> {
  const { caCert } = readConfig(builtinCaConfigSchema, backend);
  const rsaBits = caCert?.RSAbits ?? 0;
  return await createAuthority({
    // P-256 signs a proxy's certificate in a tenth of the time that RSA takes, and a relay signs one for each proxy.
    kind: rsaBits === 0 ? 'ec' : { rsaBits },
    subject: { organization: 'Kuma', organizationalUnit: 'Mesh', commonName: mesh },
    lifetime: parseExpiration(caCert?.expiration ?? '') ?? defaultAuthorityLifetime,
    now,
    uris: [`spiffe://${mesh}`],
  });
}

/**
 * Loads the authority of a backend.
 *
 * @throws KumulusError `invalid` where a Secret is missing, or what was found is no authority; it says which and why.
 */
export function resolveAuthority(mesh: string, backend: CaBackend, sources: AuthoritySources): Authority {
  const { certificate, key } = loadPair(mesh, backend, sources);
  return loadAuthority(certificate, key);
}

/**
 * Checks what a `provided` backend refers to; to be called where its `conf` has been found well-formed.
 *
 * @returns violations under `cert` and `key`, in the words of the reference.
 */
export function checkProvidedAuthority(
  mesh: string,
  backend: CaBackend,
  sources: AuthoritySources,
): Violations {
  try {
    const { certificate, key } = loadPair(mesh, backend, sources);
    return checkAuthority(certificate, key).violations;
  } catch (error) {
    if (!(error instanceof KumulusError)) throw error;
    return new Violations().add('cert', error.message).add('key', error.message);
  }
}

/**
 * Finds the certificate and the key of a backend without looking at what is in them.
 *
 * @throws KumulusError `invalid` where a Secret or file is missing; it says which.
 */
export function loadPair(mesh: string, backend: CaBackend, sources: AuthoritySources): KeyPair {
  const { cert, key } = sourcesOf(mesh, backend);
  const privateKey = load(mesh, key, sources);
  return { certificate: load(mesh, cert, sources), key: new SecretValue(privateKey) };
}

function sourcesOf(
  mesh: string,
  backend: CaBackend,
): { readonly cert: DataSource; readonly key: DataSource } {
  if (backend.type === 'builtin') {
    const { cert, key } = builtinCaSecretNames(mesh, backend.name ?? '');
    return { cert: { secret: cert }, key: { secret: key } };
  }
  const { cert = {}, key = {} } = readConfig(providedCaConfigSchema, backend);
  return { cert, key };
}

/** A mesh with `skipValidation` may be stored with any `conf`. */
function readConfig<Config>(schema: ZodType<Config>, backend: CaBackend): Config {
  const parsed = schema.safeParse(backend.conf ?? {});
  if (parsed.success) return parsed.data;
  throw new KumulusError('invalid', `conf of backend ${JSON.stringify(backend.name ?? '')} cannot be read`);
}

function load(mesh: string, source: DataSource, sources: AuthoritySources): string {
  if (source.inline !== undefined) return Buffer.from(source.inline, 'base64').toString('utf8');
  if (source.inlineString !== undefined) return source.inlineString;
  if (source.file !== undefined) return loadFile(source.file, sources);
  if (source.secret === undefined) throw new KumulusError('invalid', 'unsupported type of the DataSource');
  const contents = sources.secret(source.secret);
  if (contents === undefined) {
    const what = `type="Secret" name=${JSON.stringify(source.secret)} mesh=${JSON.stringify(mesh)}`;
    throw new KumulusError('invalid', `could not load data: resource not found: ${what}`);
  }
  return Buffer.from(contents).toString('utf8');
}

function loadFile(path: string, sources: AuthoritySources): string {
  if (sources.file === undefined) {
    throw new KumulusError('invalid', 'could not load data: this control plane reads no files, use a secret');
  }
  try {
    return Buffer.from(sources.file(path)).toString('utf8');
  } catch (cause) {
    throw new KumulusError('invalid', `could not load data: open ${path}: cannot be read`, { cause });
  }
}
