import { Command } from 'commander';
import * as z from 'zod';
import { KumulusError } from '../../src/model/errors.ts';
import type { Client } from '../client/client.ts';
import type { TargetOptions } from '../config/target.ts';
import { type Format, formatted, outputOption } from '../output/format.ts';
import { age, table } from '../output/table.ts';
import type { Surroundings } from '../surroundings.ts';
import { connected, repeated, withTarget } from './connected.ts';

interface TenantOptions extends TargetOptions {
  readonly output: Format;
}

interface WriteOptions extends TenantOptions {
  readonly displayName?: string;
  readonly quota: readonly string[];
  readonly auditRetentionDays?: string;
  readonly access?: string;
}

const tenantSchema = z.looseObject({
  id: z.string(),
  displayName: z.string(),
  state: z.string(),
  quotas: z.record(z.string(), z.number().nullable()),
  settings: z.record(z.string(), z.unknown()),
  creationTime: z.string(),
  adminToken: z.string().exactOptional(),
});

type Tenant = z.output<typeof tenantSchema>;

const pageSchema = z.looseObject({ items: z.array(tenantSchema), next: z.string().nullable() });
const tokenSchema = z.looseObject({ token: z.string() });

/** `kumulus tenants …`, for operators: the token of the context, or `--token`, is the operator's. */
export function tenantsCommand(surroundings: Surroundings): Command {
  const { out, note, ids } = surroundings;
  const part = (name: string, description: string) =>
    withTarget(new Command(name)).description(description).addOption(outputOption());
  const post = (client: Client, path: string, body?: unknown) =>
    client.ask('POST', path, {
      headers: { 'idempotency-key': ids() },
      ...(body !== undefined && { body }),
    });
  const show = (options: TenantOptions, tenant: Tenant) =>
    out(formatted(options.output, tenant, () => tenantTable([tenant], surroundings.clock())));

  const writing = (command: Command) =>
    command
      .argument('<id>', 'a DNS label: the first part of its host name')
      .option('--display-name <name>', 'for people')
      .option(
        '--quota <name=number>',
        'meshes, dataplanes, resources, requestsPerSecond or tokensPerSecond; `none` is no limit',
        repeated,
        [],
      )
      .option('--audit-retention-days <days>', 'how long audit records are kept')
      .option('--access <mode>', 'closed, or kuma: as Kuma lets callers whom nobody has given a role');

  const move = (name: string, description: string) =>
    part(name, description)
      .argument('<id>', 'which')
      .action((id: string, options: TenantOptions) =>
        connected(options, surroundings, async (client) => {
          const { text } = await post(client, `${pathOf(id)}/${name}`);
          show(options, tenantSchema.parse(JSON.parse(text)));
        }),
      );

  return new Command('tenants')
    .description('for operators: the tenants of a deployment')
    .addCommand(
      part('list', 'all tenants').action((options: TenantOptions) =>
        connected(options, surroundings, async (client) => {
          const items = await allTenants(client);
          out(formatted(options.output, { items }, () => tenantTable(items, surroundings.clock())));
        }),
      ),
    )
    .addCommand(
      part('get', 'one tenant')
        .argument('<id>', 'which')
        .action((id: string, options: TenantOptions) =>
          connected(options, surroundings, async (client) => {
            show(options, tenantSchema.parse(await client.get(pathOf(id))));
          }),
        ),
    )
    .addCommand(
      writing(part('create', 'create a tenant; prints the token of its administrator')).action(
        (id: string, options: WriteOptions) =>
          connected(options, surroundings, async (client) => {
            const { text } = await post(client, '/tenants', { id, ...changes(options) });
            const tenant = tenantSchema.parse(JSON.parse(text));
            note(`tenant ${id} is there; the token of its administrator, shown this once:\n`);
            out(formatted(options.output, tenant, () => `${tenant.adminToken ?? ''}\n`));
          }),
      ),
    )
    .addCommand(
      writing(part('update', 'change name, quotas or settings')).action((id: string, options: WriteOptions) =>
        connected(options, surroundings, async (client) => {
          const answer = await client.ask('GET', pathOf(id));
          const { displayName, quotas, settings } = tenantSchema.parse(JSON.parse(answer.text));
          const change = changes(options);
          const body = {
            displayName: change.displayName ?? displayName,
            quotas: { ...quotas, ...change.quotas },
            settings: { ...settings, ...change.settings },
          };
          const headers = { 'if-match': String(answer.headers.etag) };
          const { text } = await client.ask('PUT', pathOf(id), { body, headers });
          show(options, tenantSchema.parse(JSON.parse(text)));
        }),
      ),
    )
    .addCommand(move('suspend', 'serve a tenant no more, and keep all that it has'))
    .addCommand(move('resume', 'serve a tenant again'))
    .addCommand(
      withTarget(new Command('delete'))
        .description('delete a tenant and everything that it has')
        .argument('<id>', 'which')
        .requiredOption('--confirm <id>', 'the id once more: there is no way back')
        .action((id: string, options: TargetOptions & { readonly confirm: string }) => {
          if (options.confirm !== id) {
            throw new KumulusError('bad_request', `--confirm must be ${JSON.stringify(id)}`);
          }
          return connected(options, surroundings, async (client) => {
            await client.ask('DELETE', pathOf(id));
            out(`tenant ${id} is unreachable from now on and is being removed\n`);
          });
        }),
    )
    .addCommand(
      withTarget(new Command('admin-token'))
        .description('a new token for the administrator of a tenant')
        .argument('<id>', 'which')
        .option('--valid-for <duration>', 'how long it is good', '720h')
        .action((id: string, options: TargetOptions & { readonly validFor: string }) =>
          connected(options, surroundings, async (client) => {
            const { text } = await post(client, `${pathOf(id)}/admin-token`, { validFor: options.validFor });
            out(`${tokenSchema.parse(JSON.parse(text)).token}\n`);
          }),
        ),
    )
    .addCommand(
      part('usage', 'what a tenant has and does')
        .argument('<id>', 'which')
        .action((id: string, options: TenantOptions) =>
          connected(options, surroundings, async (client) => {
            const usage = z.record(z.string(), z.unknown()).parse(await client.get(`${pathOf(id)}/usage`));
            const rows = Object.entries(usage).flatMap(([name, value]) =>
              typeof value === 'number' ? [[name, String(value)]] : [],
            );
            out(formatted(options.output, usage, () => table(['WHAT', 'COUNT'], rows)));
          }),
        ),
    );
}

function pathOf(id: string): string {
  return `/tenants/${encodeURIComponent(id)}`;
}

async function allTenants(client: Client): Promise<readonly Tenant[]> {
  const found: Tenant[] = [];
  let after: string | null = '';
  while (after !== null) {
    const { items, next } = pageSchema.parse(await client.get(`/tenants?${new URLSearchParams({ after })}`));
    found.push(...items);
    after = next === null ? null : new URL(next).searchParams.get('after');
  }
  return found;
}

function tenantTable(tenants: readonly Tenant[], now: number): string {
  return table(
    ['TENANT', 'NAME', 'STATE', 'AGE'],
    tenants.map(({ id, displayName, state, creationTime }) => [
      id,
      displayName,
      state,
      age(creationTime, now),
    ]),
  );
}

/** What the options say is to be different from what is there, or from the defaults. */
function changes({ displayName, quota, auditRetentionDays, access }: WriteOptions) {
  return {
    ...(displayName !== undefined && { displayName }),
    quotas: Object.fromEntries(quota.map(quotaOf)),
    settings: {
      ...(auditRetentionDays !== undefined && { auditRetentionDays: Number(auditRetentionDays) }),
      ...(access !== undefined && { access }),
    },
  };
}

function quotaOf(text: string): [string, number | null] {
  const [name = '', value = ''] = text.split('=', 2);
  if (name === '' || !/^(\d+|none)$/.test(value)) {
    throw new KumulusError('bad_request', `--quota must be <name>=<number>, got ${JSON.stringify(text)}`);
  }
  return [name, value === 'none' ? null : Number(value)];
}
