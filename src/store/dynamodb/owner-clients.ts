import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { KumulusError } from '../../model/errors.ts';
import type { TenantId } from '../../model/tenant.ts';
import { type Owner, systemOwner } from '../port.ts';
import { type KeyOwner, nobody } from './attributes.ts';
import type { TenantCredentials } from './tenant-credentials.ts';

/** How tenants' items are reached where a process does not reach them by itself. */
export interface TenantAccess {
  readonly credentials: TenantCredentials;
  /** Whether there is a tenant of that name, as of a few seconds ago. */
  isTenant(tenant: TenantId): Promise<boolean>;
}

/** With what an owner's items are reached, and under whose name they lie. */
export interface OwnerAccess {
  readonly client: DynamoDBClient;
  readonly owner: KeyOwner;
}

/** Clients of DynamoDB by whose items they may reach. */
export interface OwnerClients {
  /** The process's own, for what is the system's. */
  readonly own: DynamoDBClient;
  /**
   * For a tenant of whom there is no record nothing is taken: what is read for it is read where nothing is. So names
   * that somebody invents cost what those of tenants cost, and neither drive these out nor use up what STS answers.
   */
  forReading(owner: Owner): Promise<OwnerAccess>;
  /** @throws KumulusError `unavailable` for a tenant of whom there is no record. */
  forWriting(owner: Owner): Promise<OwnerAccess & { readonly owner: Owner }>;
  /** Closes the connections, which all share. */
  destroy(): void;
}

export interface OwnerClientsDeps {
  readonly config: DynamoDBClientConfig;
  /** Without it the process reaches everything by itself. */
  readonly tenants?: TenantAccess | undefined;
  /** How many tenants' clients are kept, some 40 KB each; 500 unless told. One is made in 0.3 ms. */
  readonly limit?: number;
}

/** Makes a client a tenant when it is first wanted; all of them use the connections of the process's own. */
export function createOwnerClients({ config, tenants, limit = 500 }: OwnerClientsDeps): OwnerClients {
  const own = new DynamoDBClient(config);
  const clients = new Map<TenantId, DynamoDBClient>();

  function clientOf(tenant: TenantId, { credentials }: TenantAccess): DynamoDBClient {
    const client =
      clients.get(tenant) ??
      new DynamoDBClient({
        ...config,
        requestHandler: own.config.requestHandler,
        credentials: () => credentials.of(tenant),
      });
    clients.delete(tenant);
    clients.set(tenant, client);
    const [oldest] = clients.keys();
    if (clients.size > limit && oldest !== undefined) {
      clients.delete(oldest);
    }
    return client;
  }

  /** @returns undefined for a tenant of whom there is no record. */
  async function accessOf(owner: Owner): Promise<(OwnerAccess & { readonly owner: Owner }) | undefined> {
    if (tenants === undefined || owner === systemOwner) {
      return { client: own, owner };
    }
    return (await tenants.isTenant(owner)) ? { client: clientOf(owner, tenants), owner } : undefined;
  }

  return {
    own,
    async forReading(owner) {
      return (await accessOf(owner)) ?? { client: own, owner: nobody };
    },
    async forWriting(owner) {
      const access = await accessOf(owner);
      if (access === undefined) {
        throw new KumulusError('unavailable', 'the tenant is not known, try again', { retryAfterSeconds: 5 });
      }
      return access;
    },
    destroy() {
      own.destroy();
    },
  };
}
