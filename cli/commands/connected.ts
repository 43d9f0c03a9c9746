import type { Command } from 'commander';
import { type Client, createClient } from '../client/client.ts';
import { type TargetOptions, targetOf } from '../config/target.ts';
import type { Surroundings } from '../surroundings.ts';

/** Adds the options that say which control plane a command talks to. */
export function withTarget(command: Command): Command {
  return command
    .option('--context <name>', 'the context to use in place of the current one')
    .option('--config-file <path>', 'the configuration (default ~/.kumulus/config) [KUMULUS_CONFIG]')
    .option('--address <url>', 'a control plane that is not in the configuration [KUMULUS_ADDRESS]')
    .option('--token <token>', 'the token to use [KUMULUS_TOKEN]')
    .option('--ca-cert-file <path>', 'what the control plane must be certified by')
    .option('-m, --mesh <name>', 'the mesh (default: that of the context, or default) [KUMULUS_MESH]');
}

/** Runs a step with a client for the chosen control plane, and closes the client after it. */
export async function connected<Result>(
  options: TargetOptions,
  surroundings: Surroundings,
  step: (client: Client, mesh: string) => Promise<Result>,
): Promise<Result> {
  const { controlPlane, mesh } = targetOf(options, surroundings);
  const client = createClient(controlPlane, surroundings);
  try {
    return await step(client, mesh);
  } finally {
    client.close();
  }
}

/** Collects the values of an option that may be given more than once. */
export function repeated(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}
