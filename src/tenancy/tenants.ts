import { isDeepStrictEqual } from 'node:util';
import { isKumulusError, KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import { secretData } from '../secrets/secret-data.ts';
import type { ItemStore } from '../store/port.ts';
import { removeTenantItems } from '../store/remove-tenant.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { type EnsureTenantDeps, ensureTenant } from './ensure-tenant.ts';
import { adminTokenSecret } from './global-drafts.ts';
import type { TenantDirectory, TenantPage } from './tenant-directory.ts';
import type { TenantLookup } from './tenant-lookup.ts';
import { newTenantRecord, type TenantRecord, type TenantSpec, type TenantState } from './tenant-record.ts';
import type { TenantUsage, UsageMeter } from './usage.ts';

export interface TenantsDeps {
  /** The table itself. */
  readonly items: ItemStore;
  readonly directory: TenantDirectory;
  readonly lookup: TenantLookup;
  readonly usage: UsageMeter;
  readonly tokens: Pick<Tokens, 'issueUser'>;
  /** What a new tenant is made with. */
  readonly ensure: Omit<EnsureTenantDeps, 'access'>;
  /**
   * How long after the order to delete a tenant its items are looked for a last time, in milliseconds: longer than any
   * process may go on with what it has begun for the tenant.
   */
  readonly quarantineMs: number;
}

/** What was made of an order to create or change a tenant. */
export interface WrittenTenant {
  readonly record: TenantRecord;
  readonly created: boolean;
  /** The token of the new tenant's administrator. */
  readonly adminToken?: string;
}

/** Checks what an order was made for, as conditions of a request are; throws where it must not be carried out. */
export type Check = (current: TenantRecord | undefined) => void;

/** The life cycle of tenants. Every step may be ordered twice and by several processes at once. */
export interface Tenants {
  /** @throws KumulusError `not_found` */
  get(tenant: TenantId): Promise<TenantRecord>;
  page(options: { readonly after?: string; readonly limit: number }): Promise<TenantPage>;
  /**
   * Makes a tenant with all that it needs, or goes on with one that is not complete.
   *
   * @throws KumulusError `conflict` where there is one that is another.
   */
  create(tenant: TenantId, spec: TenantSpec): Promise<WrittenTenant>;
  /** Makes a tenant where there is none, and sees to it that one that is active has all that it needs. */
  ensure(tenant: TenantId, spec: TenantSpec): Promise<void>;
  /**
   * Makes a tenant, or makes it what the order says.
   *
   * @throws KumulusError `conflict` where it is being deleted, `invalid` where something is to change that cannot.
   */
  put(tenant: TenantId, spec: TenantSpec, check: Check): Promise<WrittenTenant>;
  /** @throws KumulusError `not_found`, or `conflict` where it is being created or deleted. */
  suspend(tenant: TenantId, check: Check): Promise<TenantRecord>;
  resume(tenant: TenantId, check: Check): Promise<TenantRecord>;
  /** Orders the deletion, from which on the tenant is served no more; {@link removeDeleted} carries it out. */
  delete(tenant: TenantId, check: Check): Promise<TenantRecord>;
  /**
   * Removes what tenants had that are being deleted, and in the end themselves. A job calls it; it may be interrupted.
   *
   * @param isOver asked before each page of items; the next call goes on.
   */
  removeDeleted(isOver?: () => boolean): Promise<void>;
  /** A new token of the tenant's administrator, valid for so many nanoseconds. */
  adminToken(tenant: TenantId, validFor: bigint): Promise<string>;
  usage(tenant: TenantId): Promise<TenantUsage>;
}

/** Creates the life cycle. */
export function createTenants(deps: TenantsDeps): Tenants {
  const { items, directory, lookup, usage, ensure } = deps;
  const { clock, logger, resources } = ensure;

  async function get(tenant: TenantId): Promise<TenantRecord> {
    const record = await directory.get(tenant);
    if (record === undefined) {
      throw notFound(tenant);
    }
    return record;
  }

  async function update(tenant: TenantId, change: (current: TenantRecord) => TenantRecord) {
    const modificationTime = new Date(clock()).toISOString();
    const record = await directory.update(tenant, (current) => {
      const changed = change(current);
      return isDeepStrictEqual(changed, current) ? current : { ...changed, modificationTime };
    });
    lookup.set(tenant, record);
    return record;
  }

  async function complete(record: TenantRecord, tenant: TenantId): Promise<WrittenTenant> {
    await ensureTenant({ ...ensure, access: record.settings.access }, tenant);
    const active = await update(tenant, (current) => moved(current, ['creating'], 'active'));
    const key = { type: 'GlobalSecret', mesh: '', name: adminTokenSecret };
    const secret = await resources.get(tenant, key);
    logger.info('a tenant was made', { tenant });
    return {
      record: active,
      created: true,
      ...(secret !== undefined && { adminToken: secretData(secret).toString('utf8') }),
    };
  }

  /** @returns undefined where somebody else was faster. */
  async function add(tenant: TenantId, spec: TenantSpec): Promise<WrittenTenant | undefined> {
    const record = newTenantRecord(tenant, spec, clock());
    try {
      await directory.add(record);
    } catch (error) {
      if (isKumulusError(error, 'conflict')) {
        return undefined;
      }
      throw error;
    }
    lookup.set(tenant, record);
    return complete(record, tenant);
  }

  async function create(tenant: TenantId, spec: TenantSpec): Promise<WrittenTenant> {
    const current = await directory.get(tenant);
    if (current === undefined) {
      return (await add(tenant, spec)) ?? create(tenant, spec);
    }
    requireHere(current);
    if (!isDeepStrictEqual(contentOf(tenant, spec), contentOf(tenant, current))) {
      throw new KumulusError('conflict', `tenant ${JSON.stringify(tenant)} already exists`);
    }
    return current.state === 'creating' ? complete(current, tenant) : { record: current, created: false };
  }

  async function put(tenant: TenantId, spec: TenantSpec, check: Check): Promise<WrittenTenant> {
    const found = await directory.get(tenant);
    if (found === undefined) {
      check(undefined);
      return (await add(tenant, spec)) ?? put(tenant, spec, check);
    }
    const record = await update(tenant, (current) => {
      check(current);
      requireHere(current);
      requireSameAccess(current, spec);
      return { ...current, ...contentOf(tenant, spec) };
    });
    return record.state === 'creating' ? complete(record, tenant) : { record, created: false };
  }

  async function remove(tenant: TenantId, isOver: () => boolean): Promise<void> {
    const { state, modificationTime } = await get(tenant);
    if (state !== 'deleting') {
      return;
    }
    const last = clock() - Date.parse(modificationTime) >= deps.quarantineMs;
    const isDone = await removeTenantItems(items, tenant, { keepIndex: !last, isOver });
    if (last && isDone) {
      await directory.remove(tenant);
      lookup.set(tenant, undefined);
      logger.info('a tenant was deleted', { tenant });
    }
  }

  return {
    get,
    page: directory.page,
    create,
    async ensure(tenant, spec) {
      const current = await directory.get(tenant);
      if (current === undefined) {
        await add(tenant, spec);
      } else if (current.state === 'creating') {
        await complete(current, tenant);
      } else if (current.state === 'active') {
        await ensureTenant({ ...ensure, access: current.settings.access }, tenant);
      }
    },
    put,
    suspend: (tenant, check) =>
      update(tenant, (current) => {
        check(current);
        return moved(current, ['active', 'suspended'], 'suspended');
      }),
    resume: (tenant, check) =>
      update(tenant, (current) => {
        check(current);
        return moved(current, ['active', 'suspended'], 'active');
      }),
    async delete(tenant, check) {
      const record = await update(tenant, (current) => {
        check(current);
        return { ...current, state: 'deleting' };
      });
      usage.forget(tenant);
      return record;
    },
    async removeDeleted(isOver = () => false) {
      for (const tenant of await directory.listDeleting()) {
        try {
          await remove(tenant, isOver);
        } catch (error) {
          logger.error('what a deleted tenant had could not all be removed', {
            tenant,
            error,
          });
        }
      }
    },
    async adminToken(tenant, validFor) {
      requireServed(await get(tenant));
      const claims = { Name: 'mesh-system:admin', Groups: ['mesh-system:admin'] };
      return deps.tokens.issueUser(tenant, { claims, validFor });
    },
    async usage(tenant) {
      requireHere(await get(tenant));
      await usage.flush();
      return usage.read(tenant);
    },
  };
}

/** What an operator decides, of an order or of a record. */
function contentOf(tenant: TenantId, { displayName, quotas, settings }: TenantSpec) {
  return { displayName: displayName ?? tenant, quotas, settings };
}

function notFound(tenant: TenantId): KumulusError {
  return new KumulusError('not_found', `tenant ${JSON.stringify(tenant)} is not found`);
}

/** @throws KumulusError `conflict` where the tenant is being deleted. */
function requireHere({ id, state }: TenantRecord): void {
  if (state === 'deleting') {
    throw new KumulusError('conflict', `tenant ${JSON.stringify(id)} is being deleted`);
  }
}

/** @throws KumulusError `conflict` where the tenant is being created or deleted. */
function requireServed(record: TenantRecord): void {
  requireHere(record);
  if (record.state === 'creating') {
    throw new KumulusError('conflict', `tenant ${JSON.stringify(record.id)} is being created`);
  }
}

/** What a tenant starts with has become its own, as roles and bindings, which an operator does not change. */
function requireSameAccess({ settings }: TenantRecord, spec: TenantSpec): void {
  if (settings.access !== spec.settings.access) {
    throw new KumulusError('invalid', 'Resource is not valid', {
      violations: [
        {
          field: 'settings.access',
          message: `cannot be changed, is ${JSON.stringify(settings.access)}: it says what a tenant is made with`,
        },
      ],
    });
  }
}

/** @throws KumulusError `conflict` where the tenant is in none of the states. */
function moved(record: TenantRecord, from: readonly TenantState[], to: TenantState): TenantRecord {
  if (record.state === to) {
    return record;
  }
  if (!from.includes(record.state)) {
    throw new KumulusError('conflict', `tenant ${JSON.stringify(record.id)} is ${record.state}`);
  }
  return { ...record, state: to };
}
