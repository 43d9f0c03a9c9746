import { adminName } from '../../auth/user.ts';
import { KumulusError } from '../../model/errors.ts';
import { type TenantId, tenantId } from '../../model/tenant.ts';
import type { TenantRecord } from '../../tenancy/tenant-record.ts';
import type { Check, Tenants, WrittenTenant } from '../../tenancy/tenants.ts';
import { answer, answerJson, entityTag } from '../answer.ts';
import { readBody } from '../body.ts';
import { notFound, titled } from '../errors.ts';
import { preconditionsOf, requirePreconditions } from '../preconditions.ts';
import { type ApiContext, queryOf, type Route } from '../routing.ts';
import type { TenantRecords } from './tenant-records.ts';
import {
  adminTokenRequestSchema,
  createTenantSchema,
  invalid,
  putTenantSchema,
  readDocument,
  validityOf,
} from './tenant-requests.ts';

const maxPage = 1_000;
const defaultPage = 100;

const readTitle = 'Could not retrieve a tenant';
const writeTitle = 'Could not process a tenant';

/** `/tenants` and what is below it. */
export function tenantRoutes(tenants: Tenants, records: TenantRecords): readonly Route[] {
  return [
    { method: 'GET', path: '/tenants', handle: (context) => list(tenants, context) },
    { method: 'POST', path: '/tenants', handle: (context) => create(tenants, records, context) },
    {
      method: 'GET',
      path: '/tenants/:tenant',
      handle: (context) =>
        titled(readTitle, async () => answerTenant(context, await tenants.get(named(context)))),
    },
    { method: 'PUT', path: '/tenants/:tenant', handle: (context) => put(tenants, records, context) },
    {
      method: 'DELETE',
      path: '/tenants/:tenant',
      handle: (context) => move(context, tenants.delete, records, 202),
    },
    {
      method: 'POST',
      path: '/tenants/:tenant/suspend',
      bodyOptional: true,
      handle: (context) => move(context, tenants.suspend, records),
    },
    {
      method: 'POST',
      path: '/tenants/:tenant/resume',
      bodyOptional: true,
      handle: (context) => move(context, tenants.resume, records),
    },
    {
      method: 'POST',
      path: '/tenants/:tenant/admin-token',
      bodyOptional: true,
      handle: (context) => issueAdminToken(tenants, records, context),
    },
    {
      method: 'GET',
      path: '/tenants/:tenant/usage',
      handle: (context) =>
        titled(readTitle, async () => answer(context, await tenants.usage(named(context)))),
    },
  ];
}

/** The tenant of the path. @throws KumulusError `not_found` for what can be no tenant's name. */
function named(context: ApiContext): TenantId {
  try {
    return tenantId(context.req.param('tenant') ?? '');
  } catch {
    throw notFound(readTitle);
  }
}

function answerTenant(context: ApiContext, record: TenantRecord, status = 200): Response {
  return answerJson(context, JSON.stringify(record), status, { etag: entityTag(record) });
}

/** Where a tenant was made, its administrator's token comes with it, this once. */
function answerWritten(context: ApiContext, { record, created, adminToken }: WrittenTenant): Response {
  return answerJson(context, JSON.stringify({ ...record, adminToken }), created ? 201 : 200, {
    etag: entityTag(record),
    'cache-control': 'no-store',
  });
}

async function list(tenants: Tenants, context: ApiContext): Promise<Response> {
  const query = queryOf(context.req.url);
  const after = query.get('after') ?? '';
  const limit = pageSize(query.get('size'));
  const { records, next } = await tenants.page({ after, limit });
  const link = new URL(context.req.url);
  link.search = new URLSearchParams({ after: next ?? '', size: String(limit) }).toString();
  return answer(context, { items: records, next: next === undefined ? null : link.href });
}

function pageSize(text: string | null): number {
  const size = text === null || text === '' ? defaultPage : Number(text);
  if (!Number.isInteger(size) || size < 1 || size > maxPage) {
    throw invalid([{ field: 'size', message: `must be a whole number from 1 to ${maxPage}` }]);
  }
  return size;
}

async function create(tenants: Tenants, records: TenantRecords, context: ApiContext): Promise<Response> {
  const { id, displayName, quotas, settings } = readDocument(
    createTenantSchema,
    await readBody(context.req.raw),
  );
  const spec = { quotas, settings, ...(displayName !== undefined && { displayName }) };
  const tenant = validName(id);
  const written = await tenants.create(tenant, spec);
  if (written.created) {
    await records.changed(context, tenant, undefined, written.record);
  }
  return answerWritten(context, written);
}

async function put(tenants: Tenants, records: TenantRecords, context: ApiContext): Promise<Response> {
  const name = validName(context.req.param('tenant') ?? '');
  const conditions = preconditionsOf(context);
  const { id, displayName, quotas, settings } = readDocument(
    putTenantSchema,
    await readBody(context.req.raw),
  );
  if (id !== undefined && id !== name) {
    throw invalid([{ field: 'id', message: `must be that of the path, ${JSON.stringify(name)}` }]);
  }
  const spec = { quotas, settings, ...(displayName !== undefined && { displayName }) };
  let before: TenantRecord | undefined;
  const written = await titled(writeTitle, () =>
    tenants.put(name, spec, (current) => {
      before = current;
      requirePreconditions(conditions, current);
    }),
  );
  await records.changed(context, name, written.created ? undefined : before, written.record);
  return answerWritten(context, written);
}

/** @throws KumulusError `invalid` */
function validName(text: string): TenantId {
  try {
    return tenantId(text);
  } catch (error) {
    throw invalid([{ field: 'id', message: error instanceof KumulusError ? error.message : 'is no name' }]);
  }
}

async function move(
  context: ApiContext,
  step: (tenant: TenantId, check: Check) => Promise<TenantRecord>,
  records: TenantRecords,
  status = 200,
): Promise<Response> {
  const conditions = preconditionsOf(context);
  return titled(writeTitle, async () => {
    const tenant = named(context);
    let before: TenantRecord | undefined;
    const record = await step(tenant, (current) => {
      before = current;
      requirePreconditions(conditions, current);
    });
    await records.changed(context, tenant, before, record);
    return answerTenant(context, record, status);
  });
}

async function issueAdminToken(
  tenants: Tenants,
  records: TenantRecords,
  context: ApiContext,
): Promise<Response> {
  const text = await readBody(context.req.raw);
  const request = readDocument(adminTokenRequestSchema, text === '' ? '{}' : text);
  const validFor = validityOf(request);
  return titled(writeTitle, async () => {
    const tenant = named(context);
    const token = await tenants.adminToken(tenant, validFor);
    await records.issued(context, tenant, adminName, token);
    return answerJson(context, JSON.stringify({ token }), 200, { 'cache-control': 'no-store' });
  });
}
