import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Author, jobAuthor, relayAuthor } from '../../../src/model/author.ts';
import { SecretValue } from '../../../src/model/secret-value.ts';
import type { AuditRecord } from '../../../src/store/audit/audit-record.ts';
import type { Change } from '../../../src/store/resource-store.ts';
import { openTrail, type TrailWorld } from '../support/trail.ts';
import { deleteIn, putIn, putMesh, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

const alice: Author = {
  user: 'alice',
  groups: ['admins'],
  address: '192.0.2.1',
  requestId: 'r-1',
  source: 'api',
};
const bob: Author = { ...alice, user: 'bob', requestId: 'r-2' };

/** What records tell, in one line each. */
const lines = (records: readonly AuditRecord[]) =>
  records.map(({ author, action, type, mesh, name }) =>
    [author.user, action, type, mesh || '-', name].join(' '),
  );

export function auditCases(world: World): void {
  describe('the audit trail', () => {
    let trail: TrailWorld;
    const commit = (author: Author, ...changes: Change[]) =>
      trail.store.commit(world.tenant, changes, author);
    beforeEach(async () => {
      trail = openTrail(world);
      await commit(alice, putMesh('default'));
    });

    it('tells who, when, from where and what, before and after', async () => {
      await commit(alice, putIn('default', 'a', { spec: { n: 1 } }));
      const created = world.now;
      world.now += 5000;
      await commit(bob, putIn('default', 'a', { spec: { n: 2 } }));
      world.now += 5000;
      await commit(jobAuthor, deleteIn('default', 'a'));
      const document = (n: number, version: number, modified: number) => ({
        type: 'MeshTimeout',
        mesh: 'default',
        name: 'a',
        labels: {},
        creationTime: new Date(created).toISOString(),
        modificationTime: new Date(modified).toISOString(),
        version,
        spec: { n },
      });
      const about = { type: 'MeshTimeout', mesh: 'default', name: 'a', id: expect.stringMatching(/^.+\.0$/) };
      expect(await trail.records({ type: 'MeshTimeout' })).toStrictEqual([
        {
          ...about,
          time: new Date(world.now).toISOString(),
          author: jobAuthor,
          action: 'DELETE',
          revision: 4,
          version: 2,
          before: document(2, 2, created + 5000),
        },
        {
          ...about,
          time: new Date(created + 5000).toISOString(),
          author: bob,
          action: 'UPDATE',
          revision: 3,
          version: 2,
          before: document(1, 1, created),
          after: document(2, 2, created + 5000),
        },
        {
          ...about,
          time: new Date(created).toISOString(),
          author: alice,
          action: 'CREATE',
          revision: 2,
          version: 1,
          after: document(1, 1, created),
        },
      ]);
    });

    it('has the revisions of both histories for a mesh, and what went along with one', async () => {
      await commit(bob, putIn('default', 'a'), putIn('default', 'b', { type: 'MeshRetry' }));
      await trail.store.deleteMesh(world.tenant, 'default', bob);
      const [gone, , , made] = await trail.records();
      expect(made).toMatchObject({ action: 'CREATE', type: 'Mesh', revision: 1, meshRevision: 1 });
      expect(gone).toMatchObject({
        author: bob,
        action: 'DELETE',
        type: 'Mesh',
        name: 'default',
        revision: 2,
        meshRevision: 3,
        before: { type: 'Mesh', name: 'default', version: 1 },
        details: { removed: { MeshTimeout: 1, MeshRetry: 1 } },
      });
    });

    it('has nothing of what was refused, and one record for each that was not', async () => {
      const results = await Promise.all([
        resultOf(commit(alice, putIn('default', 'a', { expect: { absent: true } }))),
        resultOf(commit(bob, putIn('default', 'a', { expect: { absent: true } }))),
        resultOf(commit(bob, putIn('default', 'b'), putIn('none', 'c'))),
        resultOf(commit(bob, putIn('default', 'd'))),
      ]);
      expect(results.map((result) => result.split(':')[0])).toStrictEqual([
        'done',
        'conflict',
        'not_found',
        'done',
      ]);
      expect(lines(await trail.records({ type: 'MeshTimeout' })).sort()).toStrictEqual([
        'alice CREATE MeshTimeout default a',
        'bob CREATE MeshTimeout default d',
      ]);
    });

    it('joins the records of commits that are written together', async () => {
      const day = new Date(world.now).toISOString().slice(0, 10);
      const before = await world.partition(`audit/${day}`);
      const names = Array.from({ length: 20 }, (_, n) => `n-${n}`);
      await Promise.all(names.map((name) => commit(name < 'n-2' ? alice : bob, putIn('default', name))));
      const after = await world.partition(`audit/${day}`);
      expect(after.length - before.length).toBe(1);
      const records = await trail.records({ type: 'MeshTimeout' });
      expect(records.map(({ name }) => name)).toStrictEqual([...names].reverse());
      expect(new Set(records.map(({ id }) => id)).size).toBe(20);
      expect(new Set(records.map(({ revision }) => revision))).toStrictEqual(new Set([2]));
      expect(await trail.records({ user: 'alice', type: 'MeshTimeout' })).toHaveLength(12);
    });

    it('never has what is in a secret', async () => {
      const secret: Change = {
        kind: 'put',
        draft: {
          type: 'Secret',
          mesh: 'default',
          name: 's',
          labels: {},
          spec: { data: new SecretValue('hidden-1') },
        },
      };
      const key = { inline: 'hidden-2' };
      const backend = { conf: { cert: { inlineString: 'hidden-3' }, key } };
      await commit(alice, secret, putMesh('default', { mtls: { backends: [backend] } }));
      await commit(alice, secret, { kind: 'delete', key: { ...secret.draft, type: 'Secret' } });
      const records = await trail.records();
      expect(JSON.stringify(records)).not.toMatch(/hidden|sealed|v1\./);
      const [gone, , , made] = records;
      expect(made).toMatchObject({ type: 'Secret', version: 1, after: { spec: { data: '[redacted]' } } });
      expect(gone).toMatchObject({ action: 'DELETE', before: { spec: { data: '[redacted]' }, version: 2 } });
      expect(await trail.records({ type: 'Mesh', action: 'UPDATE' })).toMatchObject([
        {
          after: {
            spec: {
              mtls: {
                backends: [{ conf: { cert: { inlineString: '[redacted]' }, key: { inline: '[redacted]' } } }],
              },
            },
          },
        },
      ]);
      const items = await world.partition(`audit/${new Date(world.now).toISOString().slice(0, 10)}`);
      expect(items.length).toBeGreaterThan(0);
    });

    it('keeps that proxies came and went, without their documents', async () => {
      const proxy = { type: 'Dataplane', spec: { networking: {} } };
      await commit(relayAuthor, putIn('default', 'dp', proxy));
      await commit(relayAuthor, deleteIn('default', 'dp', { type: 'Dataplane' }));
      const records = await trail.records({ type: 'Dataplane' });
      expect(lines(records)).toStrictEqual([
        'mesh-system:relay DELETE Dataplane default dp',
        'mesh-system:relay CREATE Dataplane default dp',
      ]);
      expect(records.filter((record) => 'before' in record || 'after' in record)).toStrictEqual([]);
    });

    it('keeps the largest contents whole, and says of what is beyond how large it was', async () => {
      const noise = () => ({ text: randomBytes(250_000).toString('base64') });
      const [first, second] = [noise(), noise()];
      await commit(alice, putIn('default', 'large', { spec: first }));
      await commit(alice, putIn('default', 'large', { spec: second }));
      const [updated] = await trail.records();
      expect(updated).toMatchObject({ before: { spec: first }, after: { spec: second } });
      await commit(alice, putIn('default', 'large-2', { spec: first }));
      await commit(alice, putIn('default', 'large-3', { spec: first }));
      await commit(
        alice,
        deleteIn('default', 'large'),
        deleteIn('default', 'large-2'),
        deleteIn('default', 'large-3'),
      );
      const [third, ...others] = await trail.records({ action: 'DELETE' });
      expect(others.map(({ before }) => before)).toMatchObject([{ spec: first }, { spec: second }]);
      expect(third?.before).toStrictEqual({
        omitted: { bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
    });

    it('is read in pages, the newest first', async () => {
      for (let n = 0; n < 4; n += 1) {
        world.now += 1000;
        await commit(
          alice,
          putIn('default', `a-${n}`),
          putIn('default', `b-${n}`),
          putIn('default', `c-${n}`),
        );
      }
      const whole = await trail.records();
      const pages: AuditRecord[][] = [];
      let after: string | undefined;
      do {
        const page = await trail.audit.read(world.tenant, {
          limit: 5,
          ...(after !== undefined && { after }),
        });
        pages.push([...page.records]);
        after = page.next;
      } while (after !== undefined);
      expect(pages.map(({ length }) => length)).toStrictEqual([5, 5, 3]);
      expect(pages.flat()).toStrictEqual(whole);
      expect(whole.slice(0, 4).map(({ name }) => name)).toStrictEqual(['c-3', 'b-3', 'a-3', 'c-2']);
      expect(await resultOf(trail.audit.read(world.tenant, { limit: 5, after: 'x' }))).toContain(
        'bad_request',
      );
    });

    it('is read in shorter pages where the records are large', async () => {
      const noise = () => ({ text: randomBytes(200_000).toString('base64') });
      for (let n = 0; n < 12; n += 1) {
        await commit(alice, putIn('default', `large-${n}`, { spec: noise() }));
      }
      const first = await trail.audit.read(world.tenant, { limit: 100, type: 'MeshTimeout' });
      expect(first.records.length).toBeGreaterThan(2);
      expect(first.records.length).toBeLessThan(12);
      const second = await trail.audit.read(world.tenant, {
        limit: 100,
        type: 'MeshTimeout',
        after: first.next ?? '',
      });
      const names = [...first.records, ...second.records].map(({ name }) => name);
      expect(names).toStrictEqual(Array.from({ length: 12 }, (_, n) => `large-${11 - n}`));
      expect(second.next).toBeUndefined();
    });

    it('is read by what, who and when', async () => {
      const start = world.now;
      const day = 86_400_000;
      world.now = start + day;
      await commit(bob, putIn('default', 'a'));
      world.now = start + 2 * day;
      await commit(alice, putMesh('other'), putIn('other', 'a', { type: 'MeshRetry' }));
      await commit(bob, deleteIn('default', 'a'));
      const cases: readonly (readonly [Parameters<typeof trail.records>[0], readonly string[]])[] = [
        [{ user: 'bob' }, ['bob DELETE MeshTimeout default a', 'bob CREATE MeshTimeout default a']],
        [{ user: 'bob', action: 'CREATE' }, ['bob CREATE MeshTimeout default a']],
        [{ name: 'a', mesh: 'other' }, ['alice CREATE MeshRetry other a']],
        [{ mesh: '' }, ['alice CREATE Mesh - other', 'alice CREATE Mesh - default']],
        [{ to: start }, ['alice CREATE Mesh - default']],
        [{ to: start + day, from: start + 1 }, ['bob CREATE MeshTimeout default a']],
        [{ from: start + 2 * day + 1 }, []],
        [{ type: 'MeshRetry', user: 'bob' }, []],
      ];
      for (const [query, expected] of cases) {
        expect(lines(await trail.records(query)), JSON.stringify(query)).toStrictEqual(expected);
      }
    });

    it('is kept as long as the tenant says, and belongs to the tenant', async () => {
      const start = world.now;
      const day = 86_400_000;
      let days = 10;
      const short = openTrail(world, { retentionDays: () => days });
      await short.store.commit(world.tenant, [putIn('default', 'a')], bob);
      const shown = async () => lines(await short.records({ user: 'bob' }));
      world.now = start + 10 * day - 1000;
      expect(await shown()).toHaveLength(1);
      days = 5;
      expect(await shown()).toHaveLength(0);
      days = 10;
      world.now = start + 10 * day + 2000;
      expect(await shown()).toHaveLength(0);
      // Its item has expired, whatever the setting says later.
      days = 365;
      expect(await shown()).toHaveLength(0);
      expect(await trail.records({ user: 'alice' })).toHaveLength(1);
      const stranger = `${world.tenant}-2` as typeof world.tenant;
      expect(await trail.audit.read(stranger, { limit: 10 })).toStrictEqual({ records: [] });
    });

    it('finds what was written of a day after the retention was raised', async () => {
      const start = world.now;
      let days = 1;
      const raised = openTrail(world, { retentionDays: () => days });
      await raised.store.commit(world.tenant, [putIn('default', 'a')], bob);
      days = 30;
      await raised.store.commit(world.tenant, [putIn('default', 'b')], bob);
      world.now = start + 20 * 86_400_000;
      expect(lines(await raised.records({ user: 'bob' }))).toStrictEqual([
        'bob CREATE MeshTimeout default b',
      ]);
    });

    it('takes records of what changes no resource, those at the same time together', async () => {
      const day = new Date(world.now).toISOString().slice(0, 10);
      const before = await world.partition(`audit/${day}`);
      const tokens = Array.from({ length: 30 }, (_, n) =>
        trail.trail.append(world.tenant, {
          author: alice,
          action: 'ISSUE',
          type: 'DataplaneToken',
          mesh: 'default',
          name: `dp-${n}`,
          details: { id: `jti-${n}` },
        }),
      );
      await Promise.all(tokens);
      const records = await trail.records({ action: 'ISSUE' });
      expect(records.map(({ details }) => details?.id)).toHaveLength(30);
      expect(records).toMatchObject(Array.from({ length: 30 }, () => ({ author: alice, mesh: 'default' })));
      const after = await world.partition(`audit/${day}`);
      expect(after.length - before.length).toBe(2);
    });
  });
}
