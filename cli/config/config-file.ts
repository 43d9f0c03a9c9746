import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import { KumulusError } from '../../src/model/errors.ts';
import type { Surroundings } from '../surroundings.ts';

/** Where a control plane is, and how it knows who asks. */
const controlPlaneSchema = z.strictObject({
  name: z.string().min(1),
  /** Such as `https://acme.example.com` or `http://localhost:5681/tenants/acme/api`. */
  address: z.url({ protocol: /^https?$/ }),
  token: z.string().exactOptional(),
  /** What the certificate of the control plane is checked with, where it is none that the machine knows. */
  caCertFile: z.string().exactOptional(),
  clientCertFile: z.string().exactOptional(),
  clientKeyFile: z.string().exactOptional(),
});

/** A control plane and the mesh that commands are about; as in kumactl's configuration. */
const contextSchema = z.strictObject({
  name: z.string().min(1),
  controlPlane: z.string(),
  mesh: z.string().exactOptional(),
});

const configSchema = z.strictObject({
  controlPlanes: z.array(controlPlaneSchema).default([]),
  contexts: z.array(contextSchema).default([]),
  currentContext: z.string().default(''),
});

export type ControlPlane = z.output<typeof controlPlaneSchema>;
export type Context = z.output<typeof contextSchema>;
export type Config = z.output<typeof configSchema>;

/** What there is where nothing was ever configured: the local server. */
export const localControlPlane: ControlPlane = { name: 'local', address: 'http://localhost:5681' };

const initial: Config = {
  controlPlanes: [localControlPlane],
  contexts: [{ name: 'local', controlPlane: 'local' }],
  currentContext: 'local',
};

/** `--config-file`, else `KUMULUS_CONFIG`, else `.kumulus/config` in the user's folder. */
export function configPath(
  given: string | undefined,
  { env, home }: Pick<Surroundings, 'env' | 'home'>,
): string {
  return given ?? (env.KUMULUS_CONFIG || join(home, '.kumulus', 'config'));
}

/**
 * Reads the configuration; the one that knows the local server where there is no file.
 *
 * @throws KumulusError `bad_request` that names the file and what is wrong with it.
 */
export function readConfig(path: string): Config {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return initial;
    }
    throw new KumulusError('bad_request', `cannot read ${path}: ${messageOf(error)}`);
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new KumulusError('bad_request', `${path} is no YAML: ${messageOf(error)}`);
  }
  const parsed = configSchema.safeParse(value ?? {});
  if (!parsed.success) {
    throw new KumulusError('bad_request', `${path}: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/** Replaces the file at once; it holds tokens, so it is for its owner alone. */
export function writeConfig(path: string, config: Config): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, stringify(config), { mode: 0o600 });
  chmodSync(next, 0o600);
  renameSync(next, path);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1).join('') : String(error);
}
