import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { resealSecrets } from '../../src/jobs/reseal-secrets.ts';
import { silentLogger } from '../../src/model/ports.ts';
import { SecretValue } from '../../src/model/secret-value.ts';
import { tenantId } from '../../src/model/tenant.ts';
import { openLocalMasterKey, rotateLocalMasterKey } from '../../src/secrets/local-master-key.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';
import { createResourceStore } from '../../src/store/create-resource-store.ts';
import { createEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import type { Change, ResourceStore } from '../../src/store/resource-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const acme = tenantId('acme');
const isSecret = (type: string) => type.endsWith('Secret');

function secret(mesh: string, name: string, text: string): Change {
  const type = mesh === '' ? 'GlobalSecret' : 'Secret';
  return {
    kind: 'put',
    draft: { type, mesh, name, labels: { team: 'blue' }, spec: { data: new SecretValue(text) } },
  };
}

/** A store whose processes read the key file when they start. */
function openTable() {
  const keyFile = join(temporaryFolder(), 'key.json');
  const items = createEmbeddedStore({ path: temporaryFolder(), clock: Date.now });
  onTestFinished(() => items.close());
  const openProcess = async (): Promise<ResourceStore> =>
    createResourceStore({
      items,
      secretBox: createSecretBox({ master: await openLocalMasterKey(keyFile), clock: Date.now }),
      isSecret,
      clock: Date.now,
      logger: silentLogger,
    });
  return { keyFile, openProcess };
}

/** Takes all keys out of the file but the newest. */
function forgetOldKeys(keyFile: string): void {
  const { current, keys } = JSON.parse(readFileSync(keyFile, 'utf8')) as {
    readonly current: string;
    readonly keys: Readonly<Record<string, string>>;
  };
  writeFileSync(keyFile, JSON.stringify({ current, keys: { [current]: keys[current] } }));
}

async function textsOf(resources: ResourceStore, mesh: string): Promise<readonly string[]> {
  const { resources: held } = await resources.load(acme, mesh);
  return held
    .filter(({ type }) => isSecret(type))
    .map(({ name, spec }) => `${name}: ${(spec as { readonly data: SecretValue }).data.reveal()}`)
    .sort();
}

async function fill(resources: ResourceStore): Promise<void> {
  const mesh = { type: 'Mesh', mesh: '', name: 'default', labels: {}, spec: {} };
  await resources.commit(acme, [{ kind: 'put', draft: mesh }, secret('', 'admin', 'a')]);
  await resources.commit(
    acme,
    Array.from({ length: 30 }, (_, n) => secret('default', `s-${n}`, `text ${n}`)),
  );
  await resources.fold(acme, 'default');
}

describe('secrets that are sealed anew', () => {
  it('need the old master key no more, in snapshots either', async () => {
    const { keyFile, openProcess } = openTable();
    await fill(await openProcess());
    await rotateLocalMasterKey(keyFile);
    expect(await resealSecrets({ resources: await openProcess(), isSecret }, acme)).toBe(31);
    forgetOldKeys(keyFile);
    const after = await openProcess();
    expect(await textsOf(after, '')).toStrictEqual(['admin: a']);
    expect(await textsOf(after, 'default')).toHaveLength(30);
    await after.fold(acme, 'default');
    expect(await textsOf(await openProcess(), 'default')).toContain('s-29: text 29');
    const { resources } = await after.load(acme, 'default');
    const secrets = resources.filter(({ type }) => isSecret(type));
    expect(new Set(secrets.map(({ labels }) => labels.team))).toStrictEqual(new Set(['blue']));
  });

  it('would otherwise be lost with it', async () => {
    const { keyFile, openProcess } = openTable();
    await fill(await openProcess());
    await rotateLocalMasterKey(keyFile);
    forgetOldKeys(keyFile);
    await expect((await openProcess()).load(acme, 'default')).rejects.toMatchObject({ code: 'internal' });
  });

  it('leave what others write meanwhile as they wrote it', async () => {
    const { openProcess } = openTable();
    const resources = await openProcess();
    await fill(resources);
    let isFirst = true;
    const overtaken: Pick<ResourceStore, 'load' | 'commit'> = {
      load: resources.load,
      async commit(...call) {
        if (isFirst) {
          isFirst = false;
          await resources.commit(acme, [secret('default', 's-3', 'newer')]);
          await resources.commit(acme, [
            { kind: 'delete', key: { type: 'Secret', mesh: 'default', name: 's-4' } },
            secret('', 'admin', 'b'),
          ]);
        }
        return resources.commit(...call);
      },
    };
    expect(await resealSecrets({ resources: overtaken, isSecret }, acme)).toBe(30);
    expect(await textsOf(resources, '')).toStrictEqual(['admin: b']);
    const texts = await textsOf(resources, 'default');
    expect(texts).toContain('s-3: newer');
    expect(texts).not.toContain('s-4: text 4');
  });

  it('are given up where others keep being faster', async () => {
    const { openProcess } = openTable();
    const resources = await openProcess();
    await fill(resources);
    const overtaken: Pick<ResourceStore, 'load' | 'commit'> = {
      load: resources.load,
      async commit(...call) {
        await resources.commit(acme, [secret('', 'admin', 'again')]);
        return resources.commit(...call);
      },
    };
    await expect(resealSecrets({ resources: overtaken, isSecret }, acme)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
