import type * as z from 'zod';
import { isHostName } from '../addresses.ts';
import * as proto from '../proto-json.ts';
import { field, type Violations } from '../violations.ts';
import { parseConfig } from './backend-config.ts';
import { type DataSource, dataSourceSchema } from './data-source.ts';
import type { CaBackend } from './mesh-schema.ts';

/** `conf` of a CA backend of type `provided`. */
export const providedCaConfigSchema = proto.message({
  cert: proto.optional(dataSourceSchema),
  key: proto.optional(dataSourceSchema),
});

/** `conf` of a CA backend of type `builtin`. */
export const builtinCaConfigSchema = proto.message({
  caCert: proto.optional(
    proto.message({
      /** 2048 when absent. */
      RSAbits: proto.uint32Value(),
      /** Ten years when absent; the notation of `dpCert.rotation.expiration`. */
      expiration: proto.string(),
    }),
  ),
});

export type ProvidedCaConfig = z.output<typeof providedCaConfigSchema>;
export type BuiltinCaConfig = z.output<typeof builtinCaConfigSchema>;

/** The longest name of the Secret that holds a built-in CA. */
const maxSecretNameLength = 255;

/** The names of the Secrets in which Kuma keeps a built-in CA. */
export function builtinCaSecretNames(
  mesh: string,
  backend: string,
): { readonly cert: string; readonly key: string } {
  return { cert: `${mesh}.ca-builtin-cert-${backend}`, key: `${mesh}.ca-builtin-key-${backend}` };
}

/** The Secrets of a mesh that its CA backend uses, in certificate and key order. */
export function secretsOfCaBackend(mesh: string, backend: CaBackend): readonly string[] {
  if (backend.type === 'builtin') {
    const { cert, key } = builtinCaSecretNames(mesh, backend.name ?? '');
    return [cert, key];
  }
  const config = providedCaConfigSchema.safeParse(backend.conf ?? {});
  return config.success ? [config.data.cert?.secret, config.data.key?.secret].filter(isText) : [];
}

/**
 * Checks the `conf` of a CA backend, without reading certificates and keys; those of a `provided` CA are to be
 * loaded and checked by the caller, where this finds nothing.
 */
export function validateCaBackend(
  violations: Violations,
  path: string,
  mesh: string,
  backend: CaBackend,
): void {
  if (backend.type === 'builtin') {
    validateBuiltin(violations, path, mesh, backend);
    return;
  }
  const config = parseConfig(violations, path, providedCaConfigSchema, backend.conf, conversionFailed);
  if (config !== undefined) {
    validateDataSource(violations, field(path, 'cert'), config.cert);
    validateDataSource(violations, field(path, 'key'), config.key);
  }
}

const conversionFailed = 'could not convert backend config: ';

function validateBuiltin(violations: Violations, path: string, mesh: string, backend: CaBackend): void {
  parseConfig(violations, path, builtinCaConfigSchema, backend.conf, conversionFailed);
  const secret = builtinCaSecretNames(mesh, backend.name ?? '').cert;
  // The reference repeats the path of the list within the path of the element.
  const namePath = field(path, 'mtls.backends.name');
  if (secret.length > maxSecretNameLength) {
    violations.add(namePath, `Backend name is too long. Max length: ${maxSecretNameLength}`);
  }
  if (!isHostName(secret) || secret !== secret.toLowerCase()) {
    violations.add(namePath, `${JSON.stringify(backend.name ?? '')} name must be valid dns name`);
  }
}

function validateDataSource(violations: Violations, path: string, source: DataSource | undefined): void {
  if (source === undefined) {
    violations.add(path, 'has to be defined');
  } else if (Object.keys(source).length === 0) {
    violations.add(path, 'data source has to be chosen. Available sources: secret, file, inline');
  }
  for (const kind of ['secret', 'inline', 'file'] as const) {
    if (source?.[kind] === '') {
      violations.add(field(path, kind), 'cannot be empty');
    }
  }
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}
