import { describe, expect, it } from 'vitest';
import { eventOf, eventSchema, eventSchemaName } from '../../src/events/event.ts';
import { tenantId } from '../../src/model/tenant.ts';

const stamp = { id: '6f1c7a3e-2b0d-4f0e-9c1a-1d2e3f4a5b6c.0', time: '2026-01-31T12:00:00.000Z' };
const author = {
  user: 'ci',
  groups: ['deployers'],
  address: '192.0.2.7',
  requestId: 'r-1',
  source: 'api',
} as const;

/** What readers of `urn:kumulus:event:v1` were promised (docs/events.md), whole. Nothing here may go or mean something else. */
const promised = {
  specversion: '1.0',
  id: stamp.id,
  source: 'kumulus',
  type: 'ResourceUpdated',
  subject: 'MeshTimeout/default/slow',
  time: stamp.time,
  datacontenttype: 'application/json',
  dataschema: 'urn:kumulus:event:v1',
  tenant: 'acme',
  mesh: 'default',
  revision: 42,
  data: {
    author: { user: 'ci', source: 'api', requestId: 'r-1' },
    resource: { type: 'MeshTimeout', mesh: 'default', name: 'slow', version: 3 },
  },
};

describe('an event', () => {
  it('has all that readers of its dataschema were promised', () => {
    const event = eventOf(
      tenantId('acme'),
      {
        author,
        action: 'UPDATE',
        type: 'MeshTimeout',
        mesh: 'default',
        name: 'slow',
        revision: 42,
        version: 3,
      },
      stamp,
    );
    expect(eventSchemaName).toBe(promised.dataschema);
    expect(event).toMatchObject(promised);
  });

  it.each([
    ['ISSUE', 'TokenIssued'],
    ['CREATE', 'ResourceCreated'],
    ['DELETE', 'ResourceDeleted'],
  ] as const)('of %s is told as %s', (action, type) => {
    const facts = { author, action, type: 'UserToken', mesh: '', name: 'ci', details: { id: 'jti' } };
    expect(eventOf(tenantId('acme'), facts, stamp)).toMatchObject({ type, data: { details: { id: 'jti' } } });
  });

  it('of a later release is read with members that this one does not know', () => {
    const later = { ...promised, region: 'eu', data: { ...promised.data, zone: 'east' } };
    expect(eventSchema.parse(later)).toStrictEqual(promised);
  });

  it('of another shape is not mistaken for one of this', () => {
    const other = { ...promised, dataschema: 'urn:kumulus:event:v2' };
    expect(eventSchema.safeParse(other).success).toBe(false);
  });
});
