import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KumulusError } from '../src/model/errors.ts';
import type { Clock, Logger } from '../src/model/ports.ts';
import { type Bootstrap, readBootstrap, writeBootstrap } from './bootstrap.ts';
import { createBootstrapClient } from './bootstrap-client.ts';
import { bootstrapRequest } from './bootstrap-request.ts';
import { readDataplaneResource, readTextFile } from './dataplane-resource.ts';
import { createEnvoyAdmin } from './envoy-admin.ts';
import { findEnvoy } from './envoy-binary.ts';
import { startEnvoy } from './envoy-process.ts';
import { readEnvoyVersion } from './envoy-version.ts';
import { inspectMachine } from './machine.ts';
import { type ReadinessPlace, readinessSocket, startReadinessReporter } from './readiness.ts';
import type { DataplaneSettings } from './settings.ts';
import type { StopSignals } from './stop-signals.ts';
import { supervise } from './supervise.ts';
import { readToken } from './token.ts';

/** What running a proxy needs of the world. */
export interface RunnerDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: () => Promise<string>;
  /** Where Envoy's own output goes, whole lines at a time. */
  readonly stdout: (lines: string) => void;
  readonly stderr: (lines: string) => void;
  readonly log: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signals: StopSignals;
}

export interface Runner {
  /**
   * Gets a bootstrap, runs Envoy with it, and drains it when told to stop.
   *
   * @returns the exit code: Envoy's fate, or 0 where it was told to stop before Envoy ran.
   * @throws KumulusError for everything that a user can put right, with what that is.
   */
  run(settings: DataplaneSettings, variables: ReadonlyMap<string, string>): Promise<number>;
}

export function createRunner(deps: RunnerDeps): Runner {
  return {
    async run(settings, variables) {
      const program = findEnvoy({ binaryPath: settings.binaryPath, env: deps.env });
      const own = settings.workDir ?? settings.configDir;
      const workDir = own === undefined ? await mkdtemp(join(tmpdir(), 'kuma-dp-')) : resolve(own);
      try {
        const bootstrap = await fetchBootstrap(program, workDir, settings, variables, deps);
        if (deps.signals.graceful.aborted) return 0;
        return await runEnvoy(program, workDir, bootstrap, settings, deps);
      } catch (error) {
        if (deps.signals.graceful.aborted) return 0;
        throw error;
      } finally {
        if (own === undefined) await rm(workDir, { recursive: true, force: true });
      }
    },
  };
}

async function fetchBootstrap(
  program: string,
  workDir: string,
  settings: DataplaneSettings,
  variables: ReadonlyMap<string, string>,
  deps: RunnerDeps,
): Promise<Bootstrap> {
  const resource = await readDataplaneResource(settings, variables, deps.stdin);
  const token = await readToken(settings);
  const caCert = await readCa(settings);
  const envoy = await readEnvoyVersion(program);
  const identity = { mesh: resource?.mesh ?? settings.mesh, name: resource?.name ?? settings.name };
  if (!envoy.compatible) {
    deps.log.warn('this Envoy is not of the series that is tested', { version: envoy.version });
  }
  const body = bootstrapRequest({
    ...identity,
    ...{ settings, resource, token, caCert, workDir, envoy, machine: inspectMachine() },
  });
  if (settings.skipVerify) deps.log.warn('the control plane is not verified, because of --skip-verify');
  deps.log.info('asking for a bootstrap', {
    ...identity,
    controlPlane: new URL(settings.controlPlaneUrl).origin,
  });
  const client = createBootstrapClient({
    ...deps,
    sleep: async (milliseconds, signal) => void (await sleep(milliseconds, undefined, { signal })),
  });
  const { skipVerify, retryBackoff, retryMaxDuration } = settings;
  const controlPlane = new URL(settings.controlPlaneUrl);
  const target = { controlPlane, caCert, skipVerify, retryBackoff, retryMaxDuration };
  const answer = await client.fetch(target, body, deps.signals.graceful).catch((error: unknown) => {
    throw withoutSecret(error, token?.reveal());
  });
  return readBootstrap(answer);
}

async function runEnvoy(
  program: string,
  workDir: string,
  bootstrap: Bootstrap,
  settings: DataplaneSettings,
  deps: RunnerDeps,
): Promise<number> {
  const { admin } = bootstrap;
  const { drainTime, concurrency } = settings;
  const bootstrapFile = await writeBootstrap(bootstrap, workDir);
  const place: ReadinessPlace = settings.readinessUnixSocketDisabled
    ? { host: admin.address, port: settings.readinessPort }
    : { path: readinessSocket(workDir) };
  const readiness = await startReadinessReporter(place);
  try {
    const componentLogLevel = settings.envoyComponentLogLevel;
    const logLevel = settings.envoyLogLevel === '' ? settings.logLevel : settings.envoyLogLevel;
    const envoy = await startEnvoy(
      { program, bootstrapFile, drainTime, concurrency, logLevel, componentLogLevel },
      deps,
    );
    deps.log.info('started Envoy', { pid: envoy.pid, admin: `${admin.address}:${admin.port}`, workDir });
    return await supervise({
      ...{ envoy, readiness, drainTime, admin: createEnvoyAdmin(admin) },
      ...{ signals: deps.signals, log: deps.log },
      wait: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
    });
  } finally {
    await readiness.close();
  }
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
