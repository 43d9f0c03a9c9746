import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Logger } from '../src/model/ports.ts';
import { accessLogPath, openAccessLogPipe } from './access-log-pipe.ts';
import { writeBootstrap } from './bootstrap.ts';
import { createEnvoyAdmin } from './envoy-admin.ts';
import { findEnvoy } from './envoy-binary.ts';
import { startEnvoy } from './envoy-process.ts';
import { type BootstrappedProxy, fetchBootstrap } from './fetch-bootstrap.ts';
import { type ReadinessPlace, readinessSocket, startReadinessReporter } from './readiness.ts';
import type { DataplaneSettings } from './settings.ts';
import type { StopSignals } from './stop-signals.ts';
import { supervise } from './supervise.ts';

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
        const proxy = await fetchBootstrap(program, workDir, settings, variables, deps);
        return await runEnvoy(program, workDir, proxy, settings, deps);
      } catch (error) {
        if (deps.signals.graceful.aborted) return 0;
        throw error;
      } finally {
        if (own === undefined) await rm(workDir, { recursive: true, force: true });
      }
    },
  };
}

async function runEnvoy(
  program: string,
  workDir: string,
  proxy: BootstrappedProxy,
  settings: DataplaneSettings,
  deps: RunnerDeps,
): Promise<number> {
  const { drainTime, concurrency, envoyComponentLogLevel: componentLogLevel } = settings;
  const { admin } = proxy.bootstrap;
  const bootstrapFile = await writeBootstrap(proxy.bootstrap, workDir);
  const place: ReadinessPlace = settings.readinessUnixSocketDisabled
    ? { host: admin.address, port: settings.readinessPort }
    : { path: readinessSocket(workDir) };
  const readiness = await startReadinessReporter(place);
  const accessLog = await openAccessLogPipe(accessLogPath(workDir, proxy.name, proxy.mesh), deps);
  try {
    if (deps.signals.graceful.aborted) return 0;
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
    accessLog.close();
    await readiness.close();
  }
}
