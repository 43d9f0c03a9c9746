import { Command } from 'commander';
import { KumulusError } from '../../src/model/errors.ts';
import { createClient } from '../client/client.ts';
import {
  type Config,
  type ControlPlane,
  configPath,
  readConfig,
  writeConfig,
} from '../config/config-file.ts';
import { table } from '../output/table.ts';
import type { Surroundings } from '../surroundings.ts';

interface FileOptions {
  readonly configFile?: string;
}

interface AddOptions extends FileOptions {
  readonly name: string;
  readonly address: string;
  readonly token?: string;
  readonly caCertFile?: string;
  readonly clientCertFile?: string;
  readonly clientKeyFile?: string;
  readonly mesh?: string;
  readonly overwrite?: boolean;
}

/** `kumulus config control-planes add|list|remove|switch`, as kumactl has it. */
export function configCommand(surroundings: Surroundings): Command {
  const { out } = surroundings;
  const withFile = (command: Command) =>
    command.option('--config-file <path>', 'the configuration (default ~/.kumulus/config) [KUMULUS_CONFIG]');
  const edit = (options: FileOptions, change: (config: Config) => Config) => {
    const path = configPath(options.configFile, surroundings);
    writeConfig(path, change(readConfig(path)));
  };

  const controlPlanes = new Command('control-planes')
    .description('the control planes that are known here')
    .addCommand(
      withFile(new Command('add'))
        .description('add a control plane, and a context of the same name that becomes the current one')
        .requiredOption('--name <name>', 'what to call it')
        .requiredOption(
          '--address <url>',
          'such as https://acme.example.com or http://localhost:5681/tenants/acme/api',
        )
        .option('--token <token>', 'the token to show')
        .option('--ca-cert-file <path>', 'what its certificate is checked with')
        .option('--client-cert-file <path>', 'the certificate to show')
        .option('--client-key-file <path>', 'its key')
        .option('--mesh <name>', 'the mesh that commands are about; default unless told')
        .option('--overwrite', 'replace one of the same name')
        .action(async (options: AddOptions) => {
          await requireControlPlane(plane(options), surroundings);
          edit(options, (config) => added(config, options));
          out(`added control plane ${JSON.stringify(options.name)}, which is used from now on\n`);
        }),
    )
    .addCommand(
      withFile(new Command('list'))
        .description('show them')
        .action((options: FileOptions) => {
          const {
            controlPlanes: planes,
            contexts,
            currentContext,
          } = readConfig(configPath(options.configFile, surroundings));
          const active = contexts.find(({ name }) => name === currentContext)?.controlPlane;
          const rows = planes.map(({ name, address }) => [name === active ? '*' : '', name, address]);
          out(table(['ACTIVE', 'NAME', 'ADDRESS'], rows));
        }),
    )
    .addCommand(
      withFile(new Command('remove'))
        .description('forget one')
        .requiredOption('--name <name>', 'which')
        .action((options: FileOptions & { readonly name: string }) => {
          edit(options, (config) => removed(config, options.name));
          out(`removed control plane ${JSON.stringify(options.name)}\n`);
        }),
    )
    .addCommand(
      withFile(new Command('switch'))
        .description('use another one from now on')
        .requiredOption('--name <name>', 'which')
        .action((options: FileOptions & { readonly name: string }) => {
          edit(options, (config) => {
            requireKnown(config, options.name);
            return { ...config, currentContext: options.name };
          });
          out(`switched to control plane ${JSON.stringify(options.name)}\n`);
        }),
    );
  return new Command('config').description('which control planes to talk to').addCommand(controlPlanes);
}

function plane({
  name,
  address,
  token,
  caCertFile,
  clientCertFile,
  clientKeyFile,
}: AddOptions): ControlPlane {
  return {
    name,
    address,
    ...(token !== undefined && { token }),
    ...(caCertFile !== undefined && { caCertFile }),
    ...(clientCertFile !== undefined && { clientCertFile }),
    ...(clientKeyFile !== undefined && { clientKeyFile }),
  };
}

/** An address with a slip of the pen is noticed now, not with the first command. */
async function requireControlPlane(controlPlane: ControlPlane, surroundings: Surroundings): Promise<void> {
  const client = createClient(controlPlane, surroundings);
  try {
    await client.get('/');
  } finally {
    client.close();
  }
}

function added(config: Config, options: AddOptions): Config {
  const { name, mesh } = options;
  if (options.overwrite !== true && config.controlPlanes.some((each) => each.name === name)) {
    throw new KumulusError(
      'conflict',
      `there is a control plane ${JSON.stringify(name)} already; --overwrite replaces it`,
    );
  }
  const rest = removed(config, name, false);
  return {
    controlPlanes: [...rest.controlPlanes, plane(options)],
    contexts: [...rest.contexts, { name, controlPlane: name, ...(mesh !== undefined && { mesh }) }],
    currentContext: name,
  };
}

function removed(config: Config, name: string, mustBeThere = true): Config {
  if (mustBeThere) {
    requireKnown(config, name);
  }
  const contexts = config.contexts.filter((context) => context.controlPlane !== name);
  const isGone = !contexts.some((context) => context.name === config.currentContext);
  return {
    controlPlanes: config.controlPlanes.filter((each) => each.name !== name),
    contexts,
    currentContext: isGone ? (contexts[0]?.name ?? '') : config.currentContext,
  };
}

function requireKnown({ controlPlanes }: Config, name: string): void {
  if (!controlPlanes.some((each) => each.name === name)) {
    const known = controlPlanes.map((each) => each.name).join(', ') || 'none';
    throw new KumulusError(
      'bad_request',
      `there is no control plane ${JSON.stringify(name)}; there are: ${known}`,
    );
  }
}
