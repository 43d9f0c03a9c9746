import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createPerson, useControlPlane } from './cli-fixture.ts';

const server = useControlPlane();

const shop = `
type: Mesh
name: shop
---
type: MeshTimeout
mesh: shop
name: slow
spec:
  targetRef: { kind: Mesh }
  to: [{ targetRef: { kind: Mesh }, default: { idleTimeout: 1h } }]
---
type: Secret
mesh: shop
name: password
data: aHVudGVyMg==
---
type: Dataplane
mesh: shop
name: web-1
networking:
  address: 10.0.0.1
  inbound: [{ port: 80, tags: { kuma.io/service: web } }]
`;

describe('kumulus export', () => {
  it('writes what apply finds unchanged, and who did what', async () => {
    const person = createPerson({ KUMULUS_ADDRESS: server.api });
    expect((await person.run(['apply', '-f', '-'], shop)).error).toBeUndefined();
    const folder = join(person.home, 'export');
    const ran = await person.run(['export', folder]);
    expect(ran.error).toBeUndefined();
    expect(readdirSync(folder).sort()).toStrictEqual(['audit.jsonl', 'observed', 'resources']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'resources', 'secrets.yaml')).mode & 0o777).toBe(0o600);

    const files = ['resources', 'observed'].flatMap((part) =>
      readdirSync(join(folder, part)).map((name) => readFileSync(join(folder, part, name), 'utf8')),
    );
    const documents = files.flatMap((text) => parseAllDocuments(text).map((one): unknown => one.toJS()));
    expect(documents).toContainEqual(expect.objectContaining({ name: 'password', data: 'aHVudGVyMg==' }));
    const records = readFileSync(join(folder, 'audit.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(records).toContainEqual(
      expect.objectContaining({ action: 'CREATE', type: 'Dataplane', mesh: 'shop', name: 'web-1' }),
    );
    expect(ran.notes).toBe(`${documents.length} resources and ${records.length} audit records\n`);

    const again = await person.run(['apply', '-f', join(folder, 'resources'), '--dry-run']);
    expect(again.error).toBeUndefined();
    for (const what of [
      'Mesh shop',
      'MeshTimeout shop/slow',
      'Secret shop/password',
      'Dataplane shop/web-1',
    ]) {
      expect(again.out).toContain(`${what} unchanged\n`);
    }
    // What the control plane made by itself gets the labels of what users apply.
    const changed = again.out.split('\n').filter((line) => line.startsWith(' '));
    expect(changed.filter((line) => !/^ +\/(labels|kri)\b/.test(line))).toStrictEqual([]);
  });

  it('overwrites nothing', async () => {
    const person = createPerson({ KUMULUS_ADDRESS: server.api });
    const folder = join(person.home, 'mine');
    mkdirSync(folder);
    expect((await person.run(['export', folder])).error).toBe(
      `${folder} must be a folder that is not there yet`,
    );
    expect(readdirSync(folder)).toStrictEqual([]);
  });
});
