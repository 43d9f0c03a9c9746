import { KumulusError } from '../../src/model/errors.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Config, type ControlPlane, configPath, readConfig } from './config-file.ts';

/** The options that every command that talks to a control plane has. */
export interface TargetOptions {
  readonly configFile?: string;
  readonly context?: string;
  readonly address?: string;
  readonly token?: string;
  readonly caCertFile?: string;
  readonly mesh?: string;
}

/** The control plane that a command talks to, and the mesh that it is about. */
export interface Target {
  readonly controlPlane: ControlPlane;
  readonly mesh: string;
}

const defaultMesh = 'default';

/**
 * Works out where a command goes: options count most, then `KUMULUS_ADDRESS`, `KUMULUS_TOKEN` and `KUMULUS_MESH`, then
 * the context. An address beside the context's goes without the context's credentials.
 *
 * @throws KumulusError `bad_request` where the context or its control plane is unknown.
 */
export function targetOf(options: TargetOptions, surroundings: Pick<Surroundings, 'env' | 'home'>): Target {
  const { env } = surroundings;
  const address = options.address ?? (env.KUMULUS_ADDRESS || undefined);
  const token = options.token ?? (env.KUMULUS_TOKEN || undefined);
  const meshOf = (context: string | undefined) =>
    options.mesh ?? (env.KUMULUS_MESH || context || defaultMesh);
  if (address !== undefined) {
    const controlPlane = withOptions({ name: 'address', address }, token, options.caCertFile);
    return { controlPlane, mesh: meshOf(undefined) };
  }
  const config = readConfig(configPath(options.configFile, surroundings));
  const context = contextOf(config, options.context);
  const controlPlane = config.controlPlanes.find(({ name }) => name === context.controlPlane);
  if (controlPlane === undefined) {
    throw new KumulusError(
      'bad_request',
      `context ${JSON.stringify(context.name)} names the control plane ${JSON.stringify(context.controlPlane)}, which there is not`,
    );
  }
  return { controlPlane: withOptions(controlPlane, token, options.caCertFile), mesh: meshOf(context.mesh) };
}

function contextOf(config: Config, asked: string | undefined) {
  const name = asked ?? config.currentContext;
  const context = config.contexts.find((each) => each.name === name);
  if (context === undefined) {
    const known = config.contexts.map((each) => each.name).join(', ') || 'none';
    throw new KumulusError('bad_request', `there is no context ${JSON.stringify(name)}; there are: ${known}`);
  }
  return context;
}

function withOptions(
  controlPlane: ControlPlane,
  token: string | undefined,
  caCertFile: string | undefined,
): ControlPlane {
  return {
    ...controlPlane,
    ...(token !== undefined && { token }),
    ...(caCertFile !== undefined && { caCertFile }),
  };
}
