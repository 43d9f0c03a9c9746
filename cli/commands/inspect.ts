import { Command } from 'commander';
import * as z from 'zod';
import type { Client } from '../client/client.ts';
import { itemsOf } from '../client/list.ts';
import type { TargetOptions } from '../config/target.ts';
import { auditTable, changeLines, readChanges } from '../inspect/history.ts';
import { meshTable, serviceTable } from '../inspect/insights.ts';
import { propagationPath, propagationTable, readPropagation } from '../inspect/propagation.ts';
import { proxySummaries, proxyTable } from '../inspect/proxies.ts';
import { type Format, formatted, outputOption } from '../output/format.ts';
import { table } from '../output/table.ts';
import type { Surroundings } from '../surroundings.ts';
import { resourcePath, typeByName } from '../types.ts';
import { connected, withTarget } from './connected.ts';

interface InspectOptions extends TargetOptions {
  readonly output: Format;
}

interface ProxyOptions extends InspectOptions {
  readonly allMeshes?: boolean;
  readonly status?: string;
  readonly version?: string;
  readonly refused?: boolean;
}

interface ChangesOptions extends InspectOptions {
  readonly since?: string;
  readonly follow?: boolean;
}

interface AuditOptions extends InspectOptions {
  readonly user?: string;
  readonly type?: string;
  readonly from?: string;
  readonly last: string;
}

/** Seconds that one request of `--follow` waits for a change. */
const followSeconds = 20;

/** `kumulus inspect …`: what is connected, what shapes it, what happened. */
export function inspectCommand(surroundings: Surroundings): Command {
  const { out, clock } = surroundings;
  const part = (name: string, description: string) =>
    withTarget(new Command(name)).description(description).addOption(outputOption());
  const listOf = async (client: Client, path: string, query = new URLSearchParams()) => {
    const items: unknown[] = [];
    for await (const item of itemsOf(client, path, query)) {
      items.push(item);
    }
    return items;
  };
  const lists = (
    name: string,
    description: string,
    path: (mesh: string) => string,
    show: (items: readonly unknown[]) => string,
  ) =>
    part(name, description).action((options: InspectOptions) =>
      connected(options, surroundings, async (client, mesh) => {
        const items = await listOf(client, path(mesh));
        out(formatted(options.output, { total: items.length, items }, () => show(items)));
      }),
    );
  const proxies = (name: string, description: string, path: (mesh: string | undefined) => string) =>
    part(name, description)
      .option('-A, --all-meshes', 'those of all meshes')
      .option('--status <status>', 'online, offline or partially_degraded')
      .option('--version <version>', 'only with this version of kuma-dp or Envoy')
      .option('--refused', 'only those that have refused a configuration')
      .action((options: ProxyOptions) =>
        connected(options, surroundings, async (client, mesh) => {
          const found = await proxySummaries(
            client,
            path(options.allMeshes === true ? undefined : mesh),
            proxyQuery(options),
          );
          out(
            formatted(options.output, { total: found.length, items: found }, () =>
              proxyTable(found, clock()),
            ),
          );
        }),
      );

  return new Command('inspect')
    .description('show who is connected, what shapes a proxy, what happened')
    .addCommand(
      proxies('dataplanes', 'data plane proxies and whether they are connected', (mesh) =>
        mesh === undefined
          ? '/dataplanes/_overview'
          : `/meshes/${encodeURIComponent(mesh)}/dataplanes/_overview`,
      ),
    )
    .addCommand(proxies('zone-ingresses', 'zone ingresses', () => '/zoneingresses/_overview'))
    .addCommand(proxies('zone-egresses', 'zone egresses', () => '/zoneegresses/_overview'))
    .addCommand(lists('meshes', 'meshes with their proxies and policies', () => '/mesh-insights', meshTable))
    .addCommand(
      lists(
        'services',
        'services and whether anybody serves them',
        (mesh) => `/meshes/${encodeURIComponent(mesh)}/service-insights`,
        serviceTable,
      ),
    )
    .addCommand(dataplaneCommand(part('dataplane', 'one proxy and the policies that shape it'), surroundings))
    .addCommand(policyCommand(part('policy', 'the proxies that a policy shapes'), surroundings))
    .addCommand(
      propagationCommand(part('propagation', 'which proxies have a revision of the mesh'), surroundings),
    )
    .addCommand(changesCommand(part('changes', 'what was changed in the mesh'), surroundings))
    .addCommand(auditCommand(part('audit', 'who changed what; for administrators'), surroundings));
}

function proxyQuery({ status, version, refused }: ProxyOptions): URLSearchParams {
  return new URLSearchParams({
    ...(status !== undefined && { status }),
    ...(version !== undefined && { version }),
    ...(refused === true && { refused: 'true' }),
  });
}

const matchedSchema = z.looseObject({
  items: z.array(
    z.looseObject({ matchedPolicies: z.record(z.string(), z.array(z.looseObject({ name: z.string() }))) }),
  ),
});

function dataplaneCommand(command: Command, surroundings: Surroundings): Command {
  return command.argument('<name>', 'which').action((name: string, options: InspectOptions) =>
    connected(options, surroundings, async (client, mesh) => {
      const path = resourcePath(typeByName('dataplane'), mesh, name);
      const [overview, matched] = await Promise.all([
        client.get(`${path}/_overview`),
        client.get(`${path}/policies`),
      ]);
      const policies = matchedSchema
        .parse(matched)
        .items.flatMap(({ matchedPolicies }) =>
          Object.entries(matchedPolicies).flatMap(([type, of]) => of.map((policy) => [type, policy.name])),
        );
      surroundings.out(
        formatted(
          options.output === 'table' && policies.length === 0 ? 'yaml' : options.output,
          { overview, policies: matched },
          () => table(['POLICY', 'NAME'], policies),
        ),
      );
    }),
  );
}

const selectedSchema = z.looseObject({ name: z.string(), mesh: z.string() });

function policyCommand(command: Command, surroundings: Surroundings): Command {
  return command
    .argument('<type>', 'such as meshtimeout, mt')
    .argument('<name>', 'which')
    .action((typeName: string, name: string, options: InspectOptions) =>
      connected(options, surroundings, async (client, mesh) => {
        const path = `${resourcePath(typeByName(typeName), mesh, name)}/_resources/dataplanes`;
        const items: z.output<typeof selectedSchema>[] = [];
        for await (const item of itemsOf(client, path, new URLSearchParams())) {
          items.push(selectedSchema.parse(item));
        }
        surroundings.out(
          formatted(options.output, { total: items.length, items }, () =>
            table(
              ['MESH', 'NAME'],
              items.map((item) => [item.mesh, item.name]),
            ),
          ),
        );
      }),
    );
}

function propagationCommand(command: Command, surroundings: Surroundings): Command {
  return command
    .option('--revision <number>', 'which one (default: the newest)')
    .action((options: InspectOptions & { readonly revision?: string }) =>
      connected(options, surroundings, async (client, mesh) => {
        const query = options.revision === undefined ? {} : { revision: options.revision };
        const answer = await client.get(propagationPath(mesh, query));
        surroundings.out(
          formatted(options.output, answer, () =>
            propagationTable(readPropagation(answer), surroundings.clock()),
          ),
        );
      }),
    );
}

function changesCommand(command: Command, surroundings: Surroundings): Command {
  return command
    .option('--since <revision>', 'those after this revision (default: from now on)')
    .option('-f, --follow', 'go on with what happens')
    .action((options: ChangesOptions) =>
      connected(options, surroundings, async (client, mesh) => {
        const path = `/meshes/${encodeURIComponent(mesh)}/_changes`;
        let since = options.since ?? String(readChanges(await client.get(path)).revision);
        for (;;) {
          const wait = options.follow === true ? followSeconds : 0;
          const changes = readChanges(
            await client.get(`${path}?${new URLSearchParams({ since, wait: String(wait) })}`),
          );
          surroundings.out(formatted(options.output, changes, () => changeLines(changes)));
          since = String(changes.revision);
          if (changes.next === null && options.follow !== true) {
            return;
          }
        }
      }),
    );
}

const auditSchema = z.looseObject({ items: z.array(z.unknown()) });

function auditCommand(command: Command, surroundings: Surroundings): Command {
  return command
    .option('--user <name>', 'only by this user')
    .option('--type <type>', 'only of this type')
    .option('--from <time>', 'not before this time, such as 2026-01-31 or 2026-01-31T12:00:00Z')
    .option('--last <number>', 'how many, the newest', '100')
    .action((options: AuditOptions) =>
      connected(options, surroundings, async (client) => {
        const { user, type, from, last } = options;
        const query = new URLSearchParams({
          size: last,
          ...(user !== undefined && { user }),
          ...(type !== undefined && { type: typeByName(type).name }),
          ...(from !== undefined && { from }),
        });
        const { items } = auditSchema.parse(await client.get(`/_audit?${query}`));
        surroundings.out(formatted(options.output, { items }, () => auditTable(items)));
      }),
    );
}
