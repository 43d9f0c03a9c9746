import { Command } from 'commander';
import { KumulusError } from '../../src/model/errors.ts';
import type { TargetOptions } from '../config/target.ts';
import type { Surroundings } from '../surroundings.ts';
import { connected, repeated, withTarget } from './connected.ts';

interface TokenOptions extends TargetOptions {
  readonly validFor: string;
}

interface DataplaneTokenOptions extends TokenOptions {
  readonly name?: string;
  readonly type?: string;
  readonly workload?: string;
  readonly tag: readonly string[];
}

interface ZoneTokenOptions extends TokenOptions {
  readonly zone: string;
  readonly scope: readonly string[];
}

interface UserTokenOptions extends TokenOptions {
  readonly name: string;
  readonly group: readonly string[];
}

/** `kumulus generate dataplane-token|zone-token|user-token`: the token alone on the output, fit for a file. */
export function generateCommand(surroundings: Surroundings): Command {
  const tokenCommand = (name: string, description: string) =>
    withTarget(new Command(name))
      .description(description)
      .requiredOption('--valid-for <duration>', 'how long it is good, such as 30m, 24h or 720h');

  const issue = (kind: string, options: TargetOptions, bodyOf: (mesh: string) => object) =>
    connected(options, surroundings, async (client, mesh) => {
      const headers = { 'idempotency-key': surroundings.ids(), accept: '*/*' };
      const { text } = await client.ask('POST', `/tokens/${kind}`, { body: bodyOf(mesh), headers });
      surroundings.out(text);
    });

  return new Command('generate')
    .description('make tokens')
    .addCommand(
      tokenCommand('dataplane-token', 'a token for a data plane proxy')
        .option('--name <name>', 'good for the proxy of this name')
        .option('--tag <name=value>', 'good for proxies with this tag; may be repeated', repeated, [])
        .option('--type <type>', 'dataplane, unless told', 'dataplane')
        .option('--workload <name>', 'good for proxies of this workload')
        .action((options: DataplaneTokenOptions) =>
          issue('dataplane', options, (mesh) => ({
            mesh,
            type: options.type,
            validFor: options.validFor,
            ...(options.name !== undefined && { name: options.name }),
            ...(options.workload !== undefined && { workload: options.workload }),
            ...(options.tag.length > 0 && { tags: tagLists(options.tag) }),
          })),
        ),
    )
    .addCommand(
      tokenCommand('zone-token', 'a token for a zone proxy')
        .requiredOption('--zone <name>', 'the zone that it is good for')
        .option('--scope <scope>', 'ingress, egress or cp; may be repeated', repeated, [])
        .action((options: ZoneTokenOptions) =>
          issue('zone', options, () => ({
            zone: options.zone,
            scope: options.scope.length > 0 ? options.scope : ['ingress', 'egress', 'cp'],
            validFor: options.validFor,
          })),
        ),
    )
    .addCommand(
      tokenCommand('user-token', 'a token for a person or a pipeline')
        .requiredOption('--name <name>', 'who it is for')
        .option('--group <name>', 'a group of theirs; may be repeated', repeated, [])
        .action((options: UserTokenOptions) =>
          issue('user', options, () => ({
            name: options.name,
            groups: options.group,
            validFor: options.validFor,
          })),
        ),
    );
}

/** The values of each tag, in the order in which they were given. */
function tagLists(given: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const lists = new Map<string, string[]>();
  for (const each of given) {
    const at = each.indexOf('=');
    if (at < 1 || at === each.length - 1) {
      throw new KumulusError('bad_request', `--tag must be <name>=<value>, got ${JSON.stringify(each)}`);
    }
    const name = each.slice(0, at);
    lists.set(name, [...(lists.get(name) ?? []), each.slice(at + 1)]);
  }
  return Object.fromEntries(lists);
}
