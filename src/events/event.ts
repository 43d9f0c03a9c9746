import * as z from 'zod';
import type { TenantId } from '../model/tenant.ts';
import type { AuditAction, AuditFacts } from '../store/audit/audit-record.ts';

/** What happened, as EventBridge's detail type and CloudEvents' type. */
export const eventTypes = ['ResourceCreated', 'ResourceUpdated', 'ResourceDeleted', 'TokenIssued'] as const;

/** CloudEvents' source, and EventBridge's. */
export const eventSource = 'kumulus';

/** Names the shape of an event; a change that could break a reader gets another number. */
export const eventSchemaName = 'urn:kumulus:event:v1';

const author = z
  .object({
    user: z.string().describe('The name of the user, as /who-am-i tells it'),
    source: z
      .enum(['api', 'relay', 'job', 'system'])
      .describe('Which part of the control plane it came through'),
    requestId: z.string().optional().describe('The x-request-id of the request'),
  })
  .meta({ description: 'Who did it' });

const resource = z
  .object({
    type: z.string().describe("Kuma's name of the type, or DataplaneToken, ZoneToken, UserToken"),
    mesh: z.string().describe('Empty for what is in no mesh'),
    name: z.string(),
    version: z.int().optional().describe('The version that was written, or deleted'),
  })
  .meta({ description: 'What it was done to' });

/**
 * One event: a CloudEvent (1.0) with the extension attributes `tenant`, `mesh` and `revision`. It says what happened and
 * not what is in it: contents are to be had by those who may read them, from `_changes` or the resource itself.
 */
export const eventSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: z.string().describe('The same each time that the event is published, and the id of its audit record'),
    source: z.literal(eventSource),
    type: z.enum(eventTypes),
    subject: z.string().describe('<type>/<name>, or <type>/<mesh>/<name> in a mesh'),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(eventSchemaName),
    tenant: z.string(),
    mesh: z.string().optional().describe('Absent for what is in no mesh'),
    revision: z
      .int()
      .optional()
      .describe(
        'What the change made of the history of its mesh (or of the global scope): the order of events',
      ),
    data: z.object({
      author,
      resource,
      meshRevision: z.int().optional().describe("Of a Mesh: the revision in the mesh's own history"),
      details: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('Claims of a token; how much went along with a mesh'),
    }),
  })
  .meta({ title: 'KumulusEvent' });

export type KumulusEvent = z.output<typeof eventSchema>;

const typeOfAction: Readonly<Record<AuditAction, (typeof eventTypes)[number]>> = {
  CREATE: 'ResourceCreated',
  UPDATE: 'ResourceUpdated',
  DELETE: 'ResourceDeleted',
  ISSUE: 'TokenIssued',
};

/** The event of what an audit record tells; `stamp` is the record's own. */
export function eventOf(
  tenant: TenantId,
  facts: AuditFacts,
  stamp: { readonly id: string; readonly time: string },
): KumulusEvent {
  const { author, action, type, mesh, name, revision, meshRevision, version, details } = facts;
  return {
    specversion: '1.0',
    id: stamp.id,
    source: eventSource,
    type: typeOfAction[action],
    subject: [type, ...(mesh === '' ? [] : [mesh]), name].join('/'),
    time: stamp.time,
    datacontenttype: 'application/json',
    dataschema: eventSchemaName,
    tenant,
    ...(mesh !== '' && { mesh }),
    ...(revision !== undefined && { revision }),
    data: {
      author: {
        user: author.user,
        source: author.source,
        ...(author.requestId !== undefined && { requestId: author.requestId }),
      },
      resource: { type, mesh, name, ...(version !== undefined && { version }) },
      ...(meshRevision !== undefined && { meshRevision }),
      ...(details !== undefined && { details: { ...details } }),
    },
  };
}
