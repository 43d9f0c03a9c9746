import { Command } from 'commander';
import { type ListedResource, listResources, resourceSchema } from '../client/list.ts';
import type { TargetOptions } from '../config/target.ts';
import { columnsOf } from '../output/columns.ts';
import { type Format, formatted, outputOption } from '../output/format.ts';
import { table } from '../output/table.ts';
import type { Surroundings } from '../surroundings.ts';
import { collectionPath, resourcePath, typeByName } from '../types.ts';
import { connected, repeated, withTarget } from './connected.ts';

interface GetOptions extends TargetOptions {
  readonly output: Format;
  readonly allMeshes?: boolean;
  readonly label: readonly string[];
  readonly tag: readonly string[];
  readonly filter?: string;
}

/** `kumulus get <type> [name]`. */
export function getCommand(surroundings: Surroundings): Command {
  const command = withTarget(new Command('get'))
    .description('show resources')
    .argument('<type>', 'such as dataplanes, meshtimeout, mt')
    .argument('[name]', 'one of them')
    .addOption(outputOption())
    .option('-A, --all-meshes', 'those of all meshes')
    .option('-l, --label <name=value>', 'only with this label; may be repeated', repeated, [])
    .option('--tag <name:value>', 'dataplanes: only with this tag; may be repeated', repeated, [])
    .option('--filter <text>', 'only those whose name has this in it');
  return command.action(async (typeName: string, name: string | undefined, options: GetOptions) => {
    const type = typeByName(typeName);
    await connected(options, surroundings, async (client, mesh) => {
      if (name !== undefined) {
        const resource = resourceSchema.parse(await client.get(resourcePath(type, mesh, name)));
        surroundings.out(
          formatted(options.output, resource, () => rows(type.name, [resource], surroundings)),
        );
        return;
      }
      const path = collectionPath(type, options.allMeshes === true ? undefined : mesh);
      const items = await listResources(client, path, queryOf(options));
      surroundings.out(
        formatted(options.output, { total: items.length, items }, () => rows(type.name, items, surroundings)),
      );
    });
  });
}

function queryOf({ label, tag, filter }: GetOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const each of label) {
    const at = each.indexOf('=');
    query.append(`filter[labels.${each.slice(0, at)}]`, each.slice(at + 1));
  }
  for (const each of tag) {
    query.append('tag', each);
  }
  if (filter !== undefined) {
    query.set('name', filter);
  }
  return query;
}

function rows(type: string, items: readonly ListedResource[], { clock }: Surroundings): string {
  const columns = columnsOf(type);
  return table(
    columns.map(({ title }) => title),
    items.map((item) => columns.map(({ cell }) => cell(item, clock()))),
  );
}
