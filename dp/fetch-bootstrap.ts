import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KumulusError } from '../src/model/errors.ts';
import { type Bootstrap, readBootstrap } from './bootstrap.ts';
import { createBootstrapClient } from './bootstrap-client.ts';
import { bootstrapRequest } from './bootstrap-request.ts';
import { readDataplaneResource, readTextFile } from './dataplane-resource.ts';
import { readEnvoyVersion } from './envoy-version.ts';
import { inspectMachine } from './machine.ts';
import type { RunnerDeps } from './run.ts';
import type { DataplaneSettings } from './settings.ts';
import { readToken } from './token.ts';

/** A proxy that the control plane gave a bootstrap. */
export interface BootstrappedProxy {
  readonly mesh: string;
  readonly name: string;
  readonly bootstrap: Bootstrap;
}

/**
 * Reads all that the settings name and asks the control plane for a bootstrap.
 *
 * @param envoyPath Envoy, whose version the control plane is told.
 * @throws KumulusError for every file, setting and answer that is not as it should be; none of its messages holds the token.
 */
export async function fetchBootstrap(
  envoyPath: string,
  workDir: string,
  settings: DataplaneSettings,
  variables: ReadonlyMap<string, string>,
  deps: RunnerDeps,
): Promise<BootstrappedProxy> {
  const resource = await readDataplaneResource(settings, variables, deps.stdin);
  const token = await readToken(settings);
  const caCert = await readCa(settings);
  const envoy = await readEnvoyVersion(envoyPath);
  const identity = { mesh: resource?.mesh ?? settings.mesh, name: resource?.name ?? settings.name };
  if (!envoy.compatible) {
    deps.log.warn('this Envoy is not of the series that is tested', { version: envoy.version });
  }
  if (settings.skipVerify) deps.log.warn('the control plane is not verified, because of --skip-verify');
  const controlPlane = new URL(settings.controlPlaneUrl);
  deps.log.info('asking for a bootstrap', { ...identity, controlPlane: controlPlane.origin });
  const client = createBootstrapClient({
    ...deps,
    sleep: async (milliseconds, signal) => void (await sleep(milliseconds, undefined, { signal })),
  });
  const { skipVerify, retryBackoff, retryMaxDuration } = settings;
  const machine = inspectMachine();
  const body = bootstrapRequest({
    ...identity,
    ...{ settings, resource, token, caCert, workDir, envoy, machine },
  });
  const target = { controlPlane, caCert, skipVerify, retryBackoff, retryMaxDuration };
  const answer = await client.fetch(target, body, deps.signals.graceful).catch((error: unknown) => {
    throw withoutSecret(error, token?.reveal());
  });
  return { ...identity, bootstrap: readBootstrap(answer) };
}

async function readCa(settings: DataplaneSettings): Promise<string> {
  const file = settings.caCertFile;
  if (settings.caCert === undefined && file === undefined) return '';
  const pem = settings.caCert ?? (await readTextFile(file ?? '', '--ca-cert-file'));
  try {
    new X509Certificate(pem);
  } catch {
    throw new KumulusError(
      'bad_request',
      `${file ?? 'KUMA_CONTROL_PLANE_CA_CERT'} holds no certificate as PEM`,
    );
  }
  return pem;
}

/** A server might repeat in its words what it was sent. */
function withoutSecret(error: unknown, token: string | undefined): unknown {
  if (!(error instanceof KumulusError) || token === undefined || !error.message.includes(token)) return error;
  return new KumulusError(error.code, error.message.replaceAll(token, '[redacted]'));
}
