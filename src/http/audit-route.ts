import { KumulusError } from '../model/errors.ts';
import { renderResource } from '../model/render-resource.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { Violations } from '../model/violations.ts';
import type { AuditLog } from '../store/audit/audit-log.ts';
import type { AuditQuery } from '../store/audit/audit-reader.ts';
import { type AuditRecord, auditActions } from '../store/audit/audit-record.ts';
import { answer } from './answer.ts';
import { nextLink } from './pagination.ts';
import { queryOf, type Route } from './routing.ts';

const title = 'Could not retrieve audit records';

const maxSize = 1000;
const defaultSize = 100;
/** Characters of a filter or a position. */
const maxText = 1000;

/** RFC 3339, as far as JavaScript's dates go. */
const timePattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * `GET /_audit`: who did what and when, the newest first, for administrators. Pages go by `size` and `offset`, which is
 * the one of the page before; filters are `from`, `to`, `user`, `type`, `mesh`, `name` and `action`.
 */
export function auditRoute(audit: AuditLog, types: readonly ResourceType[]): Route {
  const byName = new Map(types.map((type) => [type.name, type]));
  return {
    method: 'GET',
    path: '/_audit',
    async handle(context) {
      context.get('access').administer('audit records');
      const query = auditQuery(queryOf(context.req.url));
      const { records, next } = await audit.read(context.get('tenant'), query);
      return answer(context, {
        items: records.map((record) => recordJson(record, byName)),
        next: next === undefined ? null : nextLink(context.req.url, next),
      });
    },
  };
}

/** @throws KumulusError `invalid` with every parameter that cannot be. */
function auditQuery(query: URLSearchParams): AuditQuery {
  const violations = new Violations();
  const text = (name: string): string | undefined => {
    const value = query.get(name);
    if (value !== null && value.length > maxText) {
      violations.add(name, `must be at most ${maxText} characters`);
    }
    return value === null || (value === '' && name !== 'mesh') ? undefined : value;
  };
  const time = (name: string): number | undefined => {
    const value = text(name);
    const parsed = value === undefined || !timePattern.test(value) ? Number.NaN : Date.parse(value);
    if (value !== undefined && Number.isNaN(parsed)) {
      violations.add(name, 'must be a time such as 2026-01-31T12:00:00Z, or a day');
    }
    // Nothing was recorded before 1970.
    return value === undefined ? undefined : Math.max(0, parsed);
  };
  const size = text('size') ?? String(defaultSize);
  if (!/^\d{1,4}$/.test(size) || Number(size) < 1 || Number(size) > maxSize) {
    violations.add('size', `must be a number from 1 to ${maxSize}`);
  }
  const asked = text('action');
  const action = auditActions.find((each) => each === asked);
  if (asked !== undefined && action === undefined) {
    violations.add('action', `must be one of ${auditActions.join(', ')}`);
  }
  const given = {
    from: time('from'),
    to: time('to'),
    user: text('user'),
    type: text('type'),
    mesh: text('mesh'),
    name: text('name'),
    action,
    after: text('offset'),
  };
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', { title, violations: violations.list });
  }
  return { limit: Number(size), ...present(given) };
}

/** The members that are there. */
function present<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: NonNullable<Members[Name]> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]?: NonNullable<Members[Name]>;
  };
}

/** A record with its resources as reading them answers. */
function recordJson(record: AuditRecord, types: ReadonlyMap<string, ResourceType>) {
  const { id, time, author, action, type, mesh, name, before, after, ...rest } = record;
  const shown = (content: unknown) => contentJson(content, types.get(type));
  return {
    id,
    time,
    action,
    type,
    ...(mesh !== '' && { mesh }),
    name,
    ...rest,
    author,
    ...(before !== undefined && { before: shown(before) }),
    ...(after !== undefined && { after: shown(after) }),
  };
}

function contentJson(content: unknown, type: ResourceType | undefined): unknown {
  return type !== undefined && isResource(content) ? renderResource(type, content) : content;
}

/** What was too large is told by its size, and has no metadata. */
function isResource(content: unknown): content is Resource {
  return typeof content === 'object' && content !== null && 'creationTime' in content;
}
