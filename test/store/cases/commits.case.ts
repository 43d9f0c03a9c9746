import { beforeEach, describe, expect, it } from 'vitest';
import { isKumulusError } from '../../../src/model/errors.ts';
import type { Hint } from '../../../src/store/feed.ts';
import { type Change, maxCommitChanges, type ResourceStore } from '../../../src/store/resource-store.ts';
import { deleteIn, putIn, putMesh, type World } from '../support/world.ts';

/** How an attempt to write ended. */
export async function resultOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    return isKumulusError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

export function commitCases(world: World): void {
  describe('commits', () => {
    let store: ResourceStore;
    const commit = (...changes: Change[]) => store.commit(world.tenant, changes);
    const get = (type: string, mesh: string, name: string) => store.get(world.tenant, { type, mesh, name });
    beforeEach(async () => {
      store = world.open();
      await commit(putMesh('default'));
    });

    it('give resources versions and times', async () => {
      const created = new Date(world.now).toISOString();
      const draft = {
        type: 'MeshRetry',
        mesh: 'default',
        name: 'r',
        labels: { 'kuma.io/env': 'universal' },
        spec: { a: [1, { b: 'ż' }] },
      };
      const first = await commit({ kind: 'put', draft });
      expect(first.resources).toStrictEqual([
        { ...draft, creationTime: created, modificationTime: created, version: 1 },
      ]);
      expect(await get('MeshRetry', 'default', 'r')).toStrictEqual(first.resources[0]);
      world.now += 5000;
      const second = await commit({ kind: 'put', draft: { ...draft, labels: {}, spec: { a: 2 } } });
      expect(second.resources).toStrictEqual([
        {
          ...draft,
          labels: {},
          spec: { a: 2 },
          creationTime: created,
          modificationTime: new Date(world.now).toISOString(),
          version: 2,
        },
      ]);
      expect(
        await world.open().get(world.tenant, { type: 'MeshRetry', mesh: 'default', name: 'r' }),
      ).toStrictEqual(second.resources[0]);
    });

    it('make one revision each and tell it', async () => {
      const first = await commit(putIn('default', 'a'), putIn('default', 'b'));
      expect(first.revisions).toStrictEqual(new Map([['default', 2]]));
      const second = await commit(deleteIn('default', 'a'));
      expect(second).toStrictEqual({ resources: [], revisions: new Map([['default', 3]]) });
      expect(await store.head(world.tenant, 'default')).toStrictEqual({
        revision: 3,
        counts: { Mesh: 1, MeshTimeout: 1 },
        snapshotRevision: 0,
      });
      expect(await get('MeshTimeout', 'default', 'a')).toBeUndefined();
      expect((await get('MeshTimeout', 'default', 'b'))?.version).toBe(1);
    });

    it('of a Mesh enter the global history and its own', async () => {
      const result = await commit(putMesh('other', { mtls: {} }));
      expect(result.revisions).toStrictEqual(
        new Map([
          ['', 2],
          ['other', 1],
        ]),
      );
      for (const [scope, after] of [
        ['', 1],
        ['other', 0],
      ] as const) {
        const answer = await store.logAfter(world.tenant, scope, after);
        expect(answer).toStrictEqual({
          kind: 'entries',
          entries: [
            {
              revision: after + 1,
              time: world.now,
              changes: [{ kind: 'put', resource: result.resources[0] }],
            },
          ],
        });
        const { resources } = await store.load(world.tenant, scope);
        expect(resources.filter(({ name }) => name === 'other')).toStrictEqual(result.resources);
      }
      expect((await store.head(world.tenant, '')).counts).toStrictEqual({ Mesh: 2 });
      expect((await store.head(world.tenant, 'other')).counts).toStrictEqual({ Mesh: 1 });
    });

    it('may span meshes and the global scope', async () => {
      const zone: Change = {
        kind: 'put',
        draft: { type: 'Zone', mesh: '', name: 'z', labels: {}, spec: {} },
      };
      const { revisions } = await commit(putMesh('other'), putIn('other', 'a'), putIn('default', 'b'), zone);
      expect(revisions).toStrictEqual(
        new Map([
          ['', 2],
          ['other', 1],
          ['default', 2],
        ]),
      );
      expect((await get('Zone', '', 'z'))?.version).toBe(1);
      const answer = await store.logAfter(world.tenant, 'other', 0);
      const changes = answer.kind === 'entries' ? answer.entries.flatMap((entry) => entry.changes) : [];
      expect(
        changes.map((change) => (change.kind === 'put' ? change.resource.type : 'delete')),
      ).toStrictEqual(['Mesh', 'MeshTimeout']);
    });

    const expectations: readonly (readonly [string, Change, string])[] = [
      ['a put when absent', putIn('default', 'new', { expect: { absent: true } }), 'done'],
      [
        'a put when absent of what is there',
        putIn('default', 'a', { expect: { absent: true } }),
        'conflict: resource already exists: type="MeshTimeout" name="a" mesh="default"',
      ],
      ['a put when present', putIn('default', 'a', { expect: { present: true } }), 'done'],
      [
        'a put when present of what is not there',
        putIn('default', 'new', { expect: { present: true } }),
        'conflict: resource conflict: type="MeshTimeout" name="new" mesh="default"',
      ],
      ['a put at its version', putIn('default', 'a', { expect: { version: 2 } }), 'done'],
      [
        'a put at another version',
        putIn('default', 'a', { expect: { version: 1 } }),
        'conflict: resource conflict: type="MeshTimeout" name="a" mesh="default"',
      ],
      ['a delete', deleteIn('default', 'a'), 'done'],
      ['a delete at its version', deleteIn('default', 'a', { expect: { version: 2 } }), 'done'],
      [
        'a delete at another version',
        deleteIn('default', 'a', { expect: { version: 3 } }),
        'conflict: resource conflict: type="MeshTimeout" name="a" mesh="default"',
      ],
      [
        'a delete of what is not there',
        deleteIn('default', 'new'),
        'not_found: resource not found: type="MeshTimeout" name="new" mesh="default"',
      ],
      ['a put in no mesh', putIn('none', 'a'), 'not_found: mesh of name none is not found'],
      [
        'a delete in no mesh',
        deleteIn('none', 'a'),
        'not_found: resource not found: type="MeshTimeout" name="a" mesh="none"',
      ],
    ];
    it.each(expectations)('with %s', async (_, change, expected) => {
      await commit(putIn('default', 'a'));
      await commit(putIn('default', 'a'));
      const before = await store.head(world.tenant, 'default');
      const result = await resultOf(commit(putIn('default', 'beside'), change));
      expect(result).toBe(expected);
      const after = await store.head(world.tenant, 'default');
      expect(after.revision).toBe(before.revision + (expected === 'done' ? 1 : 0));
      expect((await get('MeshTimeout', 'default', 'beside')) !== undefined).toBe(expected === 'done');
    });

    it('see their own earlier changes', async () => {
      const { resources } = await commit(
        putIn('default', 'a', { expect: { absent: true } }),
        putIn('default', 'a', { spec: { second: true }, expect: { version: 1 } }),
        putIn('default', 'b'),
        deleteIn('default', 'b'),
      );
      expect(resources.map(({ name, version }) => [name, version])).toStrictEqual([
        ['a', 1],
        ['a', 2],
        ['b', 1],
      ]);
      expect((await get('MeshTimeout', 'default', 'a'))?.spec).toStrictEqual({ second: true });
      expect(await get('MeshTimeout', 'default', 'b')).toBeUndefined();
      expect((await store.head(world.tenant, 'default')).counts).toStrictEqual({ Mesh: 1, MeshTimeout: 1 });
    });

    it('are refused when they are too many or too large', async () => {
      expect(await resultOf(commit())).toContain('internal: a commit must have a change');
      const many = Array.from({ length: maxCommitChanges + 1 }, (_, n) => putIn('default', `n-${n}`));
      expect(await resultOf(commit(...many))).toContain(
        `payload_too_large: one commit takes at most ${maxCommitChanges} changes to a mesh, got ${many.length}`,
      );
      expect(await resultOf(commit(...many.slice(1)))).toBe('done');
      const large = (bytes: number) => putIn('default', 'large', { spec: { text: 'x'.repeat(bytes) } });
      expect(await resultOf(commit(large(356_000)))).toBe('done');
      expect(await resultOf(commit(large(358_000)))).toMatch(
        /^payload_too_large: what is written at once must be <= 357376 bytes, got \d+$/,
      );
      const meshes = Array.from({ length: 40 }, (_, n) => putMesh(`m-${n}`));
      expect(await resultOf(commit(...meshes))).toContain(
        'payload_too_large: one commit must take <= 100 operations',
      );
      expect(await resultOf(commit(putIn('default', 'after')))).toBe('done');
    });

    const names = ['', 'n'.repeat(701), 'a\0b', '\ud800', 'é'.repeat(351)];
    it.each(names)(
      'under a name that cannot be stored (%#) are refused and spoil no others',
      async (name) => {
        const results = await Promise.all([
          resultOf(commit(putIn('default', 'before'))),
          resultOf(commit(putIn('default', name))),
          resultOf(commit(deleteIn('default', name))),
          resultOf(commit(putMesh(name))),
          resultOf(commit(putIn('default', 'after'))),
        ]);
        expect(results.map((result) => result.split(':')[0])).toStrictEqual([
          'done',
          'bad_request',
          'bad_request',
          'bad_request',
          'done',
        ]);
        expect(await get('MeshTimeout', 'default', name)).toBeUndefined();
        if (name !== '') {
          expect(await get('MeshTimeout', name, 'a')).toBeUndefined();
          expect((await store.head(world.tenant, name)).revision).toBe(0);
          expect(await store.load(world.tenant, name)).toStrictEqual({ revision: 0, resources: [] });
          expect(await resultOf(store.deleteMesh(world.tenant, name))).toContain('not_found');
        }
      },
    );

    it('take the longest names, and any that are text', async () => {
      for (const name of ['n'.repeat(700), 'a/b', '../..', 'ż🐻', '#', ' ']) {
        await commit(putMesh(name), putIn(name, name));
        await store.fold(world.tenant, name);
        await commit(putIn(name, name, { spec: 2 }));
        const { resources } = await world.open().load(world.tenant, name);
        expect(resources.map((resource) => [resource.type, resource.name, resource.version])).toStrictEqual([
          ['Mesh', name, 1],
          ['MeshTimeout', name, 2],
        ]);
      }
    });

    it('refuse to delete a Mesh', async () => {
      const change: Change = { kind: 'delete', key: { type: 'Mesh', mesh: '', name: 'default' } };
      expect(await resultOf(commit(change))).toContain('internal: a Mesh is deleted with deleteMesh');
    });

    it('of another tenant are not seen', async () => {
      const { tenant } = world;
      await commit(putIn('default', 'a'));
      const other = world.open();
      const stranger = `${tenant}-2` as typeof tenant;
      expect(await other.get(stranger, { type: 'MeshTimeout', mesh: 'default', name: 'a' })).toBeUndefined();
      expect((await other.load(stranger, 'default')).resources).toStrictEqual([]);
      expect((await other.head(stranger, '')).revision).toBe(0);
    });

    it('are told to listeners and to the feed, when they are written', async () => {
      const heard: string[] = [];
      const published: string[] = [];
      const feed = {
        publish: async (hints: readonly Hint[]) => {
          published.push(hints.map(({ mesh, revision }) => `${mesh} ${revision}`).join(', '));
          throw new Error('the feed is out of reach');
        },
        follow: () => ({ read: async () => [] }),
      };
      const told = world.open({ feed });
      const stop = told.onCommit((_, mesh, revision) => heard.push(`${mesh} ${revision}`));
      told.onCommit(() => {
        throw new Error('a listener that fails');
      });
      await told.commit(world.tenant, [putMesh('other')]);
      expect(await resultOf(told.commit(world.tenant, [putIn('none', 'a')]))).toContain('not_found');
      stop();
      await told.commit(world.tenant, [putIn('other', 'a')]);
      expect(heard).toStrictEqual([' 2', 'other 1']);
      expect(published).toStrictEqual([' 2, other 1', 'other 2']);
    });
  });
}
