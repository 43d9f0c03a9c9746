import { type IamGateway, knownIdentities, type Role, startIamGateway } from './gateway.ts';
import { type Part, type PartResources, partPolicy } from './parts.ts';
import { parsePolicy } from './policy.ts';
import { readRole } from './template.ts';

/** Where a test's cloud is: ministack's one account. */
export const place = { account: '000000000000', region: 'eu-central-1' } as const;
const stage = 'test';
const tenantRoleArn = `arn:aws:iam::${place.account}:role/kumulus-${stage}-TenantRole`;

/** What the tenants' role is for. */
export interface TenantRoleOptions {
  readonly table: string;
  /** The name of one that was restored and takes the place of the stack's own. */
  readonly restoredTable?: string;
  /** The ARN of the key for tenants' secrets. */
  readonly kmsKey: string;
}

/** The tenants' role as its template has it. */
export function tenantRoleDocuments(of: TenantRoleOptions) {
  const references = {
    'AWS::Region': place.region,
    RestoredTable: of.restoredTable ?? '',
    HasRestoredTable: String(of.restoredTable !== undefined),
    'AWS::Partition': 'aws',
    'AWS::AccountId': place.account,
    Stage: stage,
    'Table.Arn': tableArn(of.table),
    'SecretsKey.Arn': of.kmsKey,
    'TenantRole.Arn': tenantRoleArn,
  };
  const file = new URL('../../../infra/data.yml', import.meta.url);
  return { arn: tenantRoleArn, ...readRole(file, 'TenantRole', references) };
}

/** The same, as IAM evaluates it. */
export function tenantRole(of: TenantRoleOptions): Role {
  const { arn, trust, policy } = tenantRoleDocuments(of);
  return { arn, trust: parsePolicy(trust), policy: parsePolicy(policy) };
}

/** ARN of a table of that name. */
export function tableArn(table: string): string {
  return `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}`;
}

export interface CloudRolesOptions {
  /** The endpoint of a ministack. */
  readonly target: string;
  readonly table: string;
  /** The ARN of the key for tenants' secrets. */
  readonly kmsKey: string;
  /** Processes by the access key that each was given: the parts that it is, of which each has a role. */
  readonly processes: Readonly<Record<string, readonly Part[]>>;
}

/** A gateway that lets through what the roles of a deployment let through. */
export interface CloudRoles extends IamGateway {
  /** For `KUMULUS_TENANT_ROLE`. */
  readonly tenantRole: string;
}

/** Puts the roles of a deployment in front of a ministack. */
export async function startCloudRoles(options: CloudRolesOptions): Promise<CloudRoles> {
  const { target, table, kmsKey } = options;
  const resources: PartResources = {
    table: tableArn(table),
    tenantRole: tenantRoleArn,
    eventBus: `arn:aws:events:${place.region}:${place.account}:event-bus/*`,
  };
  const processes = Object.entries(options.processes).map(([key, parts]): readonly [string, Role] => [
    key,
    {
      arn: `arn:aws:iam::${place.account}:role/kumulus-${stage}-${parts.join('-')}`,
      trust: [],
      policy: parts.flatMap((part) => partPolicy(part, resources)),
    },
  ]);
  const gateway = await startIamGateway({
    ...place,
    target,
    identities: knownIdentities(Object.fromEntries(processes), [tenantRole({ table, kmsKey })]),
  });
  return Object.assign(gateway, { tenantRole: tenantRoleArn });
}
