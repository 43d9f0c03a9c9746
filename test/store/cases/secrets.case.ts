import { inspect } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../../src/model/secret-value.ts';
import type { Item, ItemStore } from '../../../src/store/port.ts';
import { putIn, putMesh, type World } from '../support/world.ts';
import { resultOf } from './commits.case.ts';

const plain = 'c2VjcmV0LW1hcmtlci03MjE=';

/** What an item holds, as one who reads the table could see it. */
function readable({ sort, value }: Item): string {
  return typeof value === 'string'
    ? value
    : sort.startsWith('s/')
      ? brotliDecompressSync(value).toString()
      : '';
}

export function secretCases(world: World): void {
  describe('secrets', () => {
    it('are sealed in every item and open again', async () => {
      const written: Item[] = [];
      const items: ItemStore = {
        ...world.items,
        transact(owner, operations) {
          written.push(...operations.flatMap((one) => (one.kind === 'put' ? [one.item] : [])));
          return world.items.transact(owner, operations);
        },
      };
      const store = world.open({ items });
      const data = new SecretValue(plain);
      await store.commit(world.tenant, [putMesh('default')]);
      await store.commit(world.tenant, [
        putIn('default', 'token', { type: 'Secret', spec: { data } }),
        { kind: 'put', draft: { type: 'GlobalSecret', mesh: '', name: 'key', labels: {}, spec: { data } } },
      ]);
      await store.fold(world.tenant, 'default');
      await store.fold(world.tenant, '');
      await store.commit(world.tenant, [putIn('default', 'token', { type: 'Secret', spec: { data } })]);

      const texts = written.map(readable);
      expect(written.filter(({ sort }) => sort.startsWith('s/')).length).toBeGreaterThan(1);
      expect(texts.filter((text) => text.includes('"sealed":"v1.')).length).toBeGreaterThan(6);
      for (const marker of [plain, Buffer.from(plain).toString('base64'), 'secret-marker-721']) {
        expect(texts.filter((text) => text.includes(marker))).toStrictEqual([]);
      }

      const other = world.open();
      const reveal = (spec: unknown) =>
        typeof spec === 'object' && spec !== null && 'data' in spec && spec.data instanceof SecretValue
          ? spec.data.reveal()
          : undefined;
      const token = await other.get(world.tenant, { type: 'Secret', mesh: 'default', name: 'token' });
      expect(reveal(token?.spec)).toBe(plain);
      expect(token).not.toHaveProperty('sealed');
      expect(inspect(token, { depth: 9 }) + JSON.stringify(token)).not.toContain(plain);
      const loaded = await other.load(world.tenant, 'default');
      expect(
        loaded.resources.filter(({ type }) => type === 'Secret').map(({ spec }) => reveal(spec)),
      ).toStrictEqual([plain]);
      const global = await other.load(world.tenant, '');
      expect(
        global.resources.filter(({ type }) => type === 'GlobalSecret').map(({ spec }) => reveal(spec)),
      ).toStrictEqual([plain]);
      const log = await other.logAfter(world.tenant, 'default', 1);
      const changes = log.kind === 'entries' ? log.entries.flatMap((entry) => entry.changes) : [];
      expect(changes.map((change) => change.kind === 'put' && reveal(change.resource.spec))).toStrictEqual([
        plain,
        plain,
      ]);
    });

    it('must be secret values', async () => {
      const store = world.open();
      await store.commit(world.tenant, [putMesh('default')]);
      for (const spec of [{ data: plain }, {}, null, plain]) {
        const result = await resultOf(
          store.commit(world.tenant, [putIn('default', 'token', { type: 'Secret', spec })]),
        );
        expect(result).toBe('internal: the spec of Secret token must be { data: SecretValue }');
      }
    });

    it('do not open for another tenant', async () => {
      const store = world.open();
      const data = new SecretValue(plain);
      await store.commit(world.tenant, [putMesh('default')]);
      await store.commit(world.tenant, [putIn('default', 'token', { type: 'Secret', spec: { data } })]);
      const stranger = `${world.tenant}-2` as typeof world.tenant;
      const stolen: ItemStore = {
        ...world.items,
        get: (_, key) => world.items.get(world.tenant, key),
        batchGet: (_, keys) => world.items.batchGet(world.tenant, keys),
      };
      const key = { type: 'Secret', mesh: 'default', name: 'token' };
      expect(await resultOf(world.open({ items: stolen }).get(stranger, key))).toMatch(
        /^internal: .*another tenant/,
      );
    });
  });
}
