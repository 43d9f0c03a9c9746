import { isDeepStrictEqual } from 'node:util';
import { KumulusError } from '../model/errors.ts';
import { type TenantId, tenantId } from '../model/tenant.ts';
import { pagesOf } from '../store/pages.ts';
import {
  ConditionFailedError,
  type Item,
  type ItemStore,
  type Operation,
  systemOwner,
} from '../store/port.ts';
import { storedTenantSchema, type TenantRecord } from './tenant-record.ts';

/** Some tenants in the order of their names. */
export interface TenantPage {
  readonly records: readonly TenantRecord[];
  /** Give it as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

/** The tenants of a deployment as they are stored, one item each. */
export interface TenantDirectory {
  get(tenant: TenantId): Promise<TenantRecord | undefined>;
  /** @throws KumulusError `conflict` where there is one of that name, in whatever state. */
  add(record: TenantRecord): Promise<void>;
  /**
   * Replaces a record by what `change` makes of the one that is there, tried again where others were faster. The same
   * record means that nothing is to be written.
   *
   * @throws KumulusError `not_found` where there is none, `unavailable` where others kept being faster.
   */
  update(tenant: TenantId, change: (current: TenantRecord) => TenantRecord): Promise<TenantRecord>;
  page(options: { readonly after?: string; readonly limit: number }): Promise<TenantPage>;
  /** The names of all that are active, sorted: those that jobs look after. What is suspended stays as it is. */
  list(): Promise<readonly TenantId[]>;
  /** The names of all that are being deleted. */
  listDeleting(): Promise<readonly TenantId[]>;
  /** Takes the record out: the last step of a deletion, after which the name may be taken again. */
  remove(tenant: TenantId): Promise<void>;
}

const partition = 'tenants';
/** The names of those that are being deleted, so that nobody has to look at all to find them. */
const deletingPartition = 'tenants-deleting';
const attempts = 10;

/** Creates the directory on the table. */
export function createTenantDirectory(items: ItemStore): TenantDirectory {
  const find = (tenant: TenantId) => items.get(systemOwner, { partition, sort: tenant });
  const get = async (tenant: TenantId) => {
    const item = await find(tenant);
    return item === undefined ? undefined : decode(item);
  };

  const put = async (record: TenantRecord, before: Item | undefined) => {
    const { id: sort, version } = record;
    const whole =
      before === undefined ? record : withUnknown(JSON.parse(String(before.value)), decode(before), record);
    const item = { partition, sort, version, value: JSON.stringify(whole) };
    const condition = before === undefined ? ({ absent: true } as const) : { version: before.version };
    const deleting: Operation = {
      kind: 'put',
      item: { partition: deletingPartition, sort, version: 1, value: '' },
    };
    await items.transact(systemOwner, [
      { kind: 'put', item, condition },
      ...(record.state === 'deleting' ? [deleting] : []),
    ]);
  };

  async function inState(wanted: TenantRecord['state']): Promise<readonly TenantId[]> {
    const tenants: TenantId[] = [];
    for await (const page of pagesOf(items, systemOwner, { partition })) {
      tenants.push(
        ...page
          .map(decode)
          .filter(({ state }) => state === wanted)
          .map(({ id }) => tenantId(id)),
      );
    }
    return tenants;
  }

  return {
    get,
    async add(record) {
      try {
        await put(record, undefined);
      } catch (error) {
        throw error instanceof ConditionFailedError
          ? new KumulusError('conflict', `tenant ${JSON.stringify(record.id)} already exists`)
          : error;
      }
    },
    async update(tenant, change) {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const item = await find(tenant);
        if (item === undefined) {
          throw new KumulusError('not_found', `tenant ${JSON.stringify(tenant)} is not found`);
        }
        const current = decode(item);
        const changed = change(current);
        if (isDeepStrictEqual(changed, current)) {
          return current;
        }
        const next = { ...changed, version: current.version + 1 };
        try {
          await put(next, item);
          return next;
        } catch (error) {
          if (!(error instanceof ConditionFailedError)) {
            throw error;
          }
        }
      }
      throw new KumulusError('unavailable', 'the tenant is being changed by others, try again', {
        retryAfterSeconds: 1,
      });
    },
    async page({ after, limit }) {
      const page = await items.query(systemOwner, {
        partition,
        limit,
        ...(after !== undefined && after !== '' && { after }),
      });
      return { records: page.items.map(decode), ...(page.next !== undefined && { next: page.next }) };
    },
    list: () => inState('active'),
    async listDeleting() {
      const tenants: TenantId[] = [];
      for await (const page of pagesOf(items, systemOwner, { partition: deletingPartition })) {
        tenants.push(...page.map(({ sort }) => tenantId(sort)));
      }
      return tenants;
    },
    async remove(tenant) {
      await items.transact(systemOwner, [
        { kind: 'delete', key: { partition, sort: tenant } },
        { kind: 'delete', key: { partition: deletingPartition, sort: tenant } },
      ]);
    },
  };
}

function decode(item: Item): TenantRecord {
  return storedTenantSchema.parse(JSON.parse(String(item.value)));
}

/**
 * What is to be written where a later release has written before: with those members of it that this one does not know.
 *
 * @param stored as it is in the table. @param known what this release reads of it. @param next what it makes of that.
 */
function withUnknown(stored: object, known: object, next: object): object {
  const members = new Map<string, unknown>(Object.entries(next));
  const read = new Map<string, unknown>(Object.entries(known));
  for (const [name, value] of Object.entries(stored)) {
    const [knownValue, nextValue] = [read.get(name), members.get(name)];
    if (!read.has(name)) {
      members.set(name, value);
    } else if (isObject(value) && isObject(knownValue) && isObject(nextValue)) {
      members.set(name, withUnknown(value, knownValue, nextValue));
    }
  }
  return Object.fromEntries(members);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
