import { Command } from 'commander';
import { isKumulusError } from '../../src/model/errors.ts';
import type { TargetOptions } from '../config/target.ts';
import type { Surroundings } from '../surroundings.ts';
import { resourcePath, typeByName } from '../types.ts';
import { connected, withTarget } from './connected.ts';

interface DeleteOptions extends TargetOptions {
  readonly ignoreNotFound?: boolean;
}

/** `kumulus delete <type> <name…>`. */
export function deleteCommand(surroundings: Surroundings): Command {
  return withTarget(new Command('delete'))
    .description('delete resources')
    .argument('<type>', 'such as dataplane, meshtimeout, mt')
    .argument('<names...>', 'which')
    .option('--ignore-not-found', 'what is not there is no error')
    .action(async (typeName: string, names: readonly string[], options: DeleteOptions) => {
      const type = typeByName(typeName);
      await connected(options, surroundings, async (client, mesh) => {
        for (const name of names) {
          try {
            await client.ask('DELETE', resourcePath(type, mesh, name));
            surroundings.out(`deleted ${type.name} ${JSON.stringify(name)}\n`);
          } catch (error) {
            if (options.ignoreNotFound !== true || !isKumulusError(error, 'not_found')) {
              throw error;
            }
          }
        }
      });
    });
}
