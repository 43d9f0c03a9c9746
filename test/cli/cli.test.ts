import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPerson, type Person, useControlPlane } from './cli-fixture.ts';

const server = useControlPlane();

let meshes = 0;
/** Somebody who uses the control plane, with a mesh of their own. */
async function someone(): Promise<Person & { readonly mesh: string }> {
  const person = createPerson();
  const mesh = `mesh-${++meshes}`;
  const add = ['config', 'control-planes', 'add', '--name', 'test', '--address', server.api, '--mesh', mesh];
  expect((await person.run(add)).error).toBeUndefined();
  expect((await person.run(['apply', '-f', '-'], `type: Mesh\nname: ${mesh}\n`)).error).toBeUndefined();
  return { ...person, mesh };
}

const dataplane = (name: string, port: number | string = 80) => `
type: Dataplane
name: ${name}
labels:
  team.example/owner: shop
networking:
  address: 10.0.0.1
  inbound:
  - port: ${port}
    tags:
      kuma.io/service: web
`;

describe('kumulus apply', () => {
  it('makes, changes and shows what it does, once', async () => {
    const { run, mesh } = await someone();
    expect(await run(['apply', '-f', '-', '--dry-run'], dataplane('web-1'))).toMatchObject({
      out: `Dataplane ${mesh}/web-1 would be created\n`,
      notes: '1 would be created\n',
    });
    expect((await run(['apply', '-f', '-'], dataplane('web-1'))).out).toBe(
      `Dataplane ${mesh}/web-1 created\n`,
    );
    expect((await run(['apply', '-f', '-'], dataplane('web-1'))).notes).toBe('1 unchanged\n');
    expect((await run(['apply', '-f', '-'], dataplane('web-1', 81))).out).toBe(
      `Dataplane ${mesh}/web-1 updated\n    /networking/inbound/0/port: 80 -> 81\n`,
    );
  });

  it('waits for proxies that are connected, and not for others', async () => {
    const { run, mesh } = await someone();
    const web = dataplane('web-1');
    expect((await run(['apply', '-f', '-', '--wait'], web)).notes).toBe(
      '1 created\n0 of 0 connected proxies have it, 1 is offline\n',
    );
    const { out } = await run(['apply', '-f', '-', '--wait', '-o', 'json'], web);
    expect(JSON.parse(out)).toMatchObject({
      changes: [{ action: 'unchanged' }],
      propagation: [{ mesh, complete: true, proxies: { connected: 0, offline: 1 } }],
    });
  });

  it('reads folders, several documents in a file, and fills in variables', async () => {
    const { run, home, mesh } = await someone();
    mkdirSync(join(home, 'files', 'deep'), { recursive: true });
    writeFileSync(
      join(home, 'files', 'a.yaml'),
      `${dataplane('{{ name }}-1')}---${dataplane('{{ name }}-2')}`,
    );
    writeFileSync(join(home, 'files', 'deep', 'b.yml'), dataplane('web-3'));
    writeFileSync(join(home, 'files', 'README.md'), 'not a resource');
    const ran = await run(['apply', '-f', join(home, 'files'), '-v', 'name=web']);
    expect(ran).toMatchObject({ error: undefined, notes: '3 created\n' });
    const list = await run(['get', 'dataplanes', '-o', 'json']);
    expect(JSON.parse(list.out)).toMatchObject({
      total: 3,
      items: [{ mesh, name: 'web-1' }, { name: 'web-2' }, { name: 'web-3' }],
    });
    expect((await run(['apply', '-f', join(home, 'files'), '-v', 'other=web'])).error).toContain(
      '--var name=',
    );
  });

  it('says in which file what is wrong', async () => {
    const { run, home } = await someone();
    const file = join(home, 'bad.yaml');
    writeFileSync(file, `${dataplane('good')}---${dataplane('bad', 70_000)}`);
    const { error } = await run(['apply', '-f', file]);
    expect(error).toContain(
      `${file}, document 2: networking.inbound[0].port: port must be in the range [1, 65535]`,
    );
    expect((await run(['get', 'dataplanes', '-o', 'json'])).out).toContain('"total": 0');
  });

  it('deletes what is in no file any more', async () => {
    const { run, mesh } = await someone();
    await run(['apply', '-f', '-'], `${dataplane('web-1')}---${dataplane('web-2')}`);
    const prune = ['apply', '-f', '-', '--prune', 'team.example/owner=shop'];
    expect((await run([...prune, '--dry-run'], dataplane('web-1'))).out).toContain(
      `${mesh}/web-2 would be deleted`,
    );
    expect((await run(prune, dataplane('web-1'))).notes).toBe('1 deleted, 1 unchanged\n');
  });

  it('applies hundreds in steps, and tells how far it got where one is refused', async () => {
    const { run } = await someone();
    const many = Array.from({ length: 300 }, (_, number) => dataplane(`dp-${number}`));
    expect(await run(['apply', '-f', '-'], many.join('---'))).toMatchObject({
      error: undefined,
      notes: '300 created\n',
    });
    const refused = await run(['apply', '-f', '-'], [...many, dataplane('bad', 0)].join('---'));
    expect(refused.error).toContain('standard input, document 301: networking.inbound[0].port');
    expect(refused.error).toMatch(
      /\d+ of 301 documents were applied before; applying them again changes nothing/,
    );
  });

  it.each([
    ['a file that is not there', ['-f', '/nowhere.yaml'], '', 'cannot read /nowhere.yaml'],
    ['no YAML', ['-f', '-'], 'a: [', 'standard input, document 1: '],
    ['a text', ['-f', '-'], 'hello', 'standard input, document 1 is no resource'],
    ['nothing', ['-f', '-'], '', 'there is nothing to apply'],
    ['a type that there is not', ['-f', '-'], 'type: Nothing\nname: x', 'unknown resource type "Nothing"'],
  ])('refuses %s', async (_name, args, stdin, words) => {
    const { run } = await someone();
    expect((await run(['apply', ...args], stdin)).error).toContain(words);
  });
});

describe('kumulus get and delete', () => {
  it('prints tables, JSON and YAML', async () => {
    const { run, mesh } = await someone();
    await run(['apply', '-f', '-'], dataplane('web-1'));
    expect((await run(['get', 'dp'])).out.split('\n')).toEqual([
      expect.stringMatching(/^MESH +NAME +TAGS +ADDRESS +AGE$/),
      expect.stringMatching(
        new RegExp(`^${mesh} +web-1 +kuma.io/service=web kuma.io/zone=default +10.0.0.1 +\\d+s$`),
      ),
      '',
    ]);
    expect((await run(['get', 'Dataplane', 'web-1', '-o', 'yaml'])).out).toContain('address: 10.0.0.1\n');
    expect(JSON.parse((await run(['get', 'mesh', mesh, '-o', 'json'])).out)).toMatchObject({ name: mesh });
  });

  it('filters by label and tag, and finds those of all meshes', async () => {
    const { run } = await someone();
    await run(['apply', '-f', '-'], dataplane('unique-name'));
    const total = async (...args: readonly string[]) =>
      JSON.parse((await run(['get', 'dataplanes', '-o', 'json', ...args])).out).total;
    expect(await total('-l', 'team.example/owner=shop')).toBe(1);
    expect(await total('-l', 'team.example/owner=other')).toBe(0);
    expect(await total('--tag', 'kuma.io/service:web')).toBe(1);
    expect(await total('--tag', 'kuma.io/service:other')).toBe(0);
    expect(await total('-A', '--filter', 'unique-name')).toBe(1);
  });

  it('deletes, and says what is not there', async () => {
    const { run } = await someone();
    await run(['apply', '-f', '-'], dataplane('web-1'));
    expect((await run(['delete', 'dataplane', 'web-1'])).out).toBe('deleted Dataplane "web-1"\n');
    expect((await run(['delete', 'dataplane', 'web-1'])).error).toContain('Not found');
    expect((await run(['delete', 'dataplane', 'web-1', '--ignore-not-found'])).error).toBeUndefined();
  });

  it('helps with names of types', async () => {
    const { run } = await someone();
    expect((await run(['get', 'timeout-mesh'])).error).toContain('there are no "timeout-mesh"');
    expect((await run(['get', 'meshtimeoutz'])).error).toContain('did you mean');
  });
});

describe('kumulus generate', () => {
  it.each([
    ['dataplane-token', ['--name', 'web-1'], { Name: 'web-1' }],
    ['dataplane-token', ['--tag', 'kuma.io/service=web'], { Tags: { 'kuma.io/service': ['web'] } }],
    ['zone-token', ['--zone', 'east', '--scope', 'egress'], { Zone: 'east', Scope: ['egress'] }],
    ['user-token', ['--name', 'ann', '--group', 'a', '--group', 'b'], { Name: 'ann', Groups: ['a', 'b'] }],
  ])('makes a %s and nothing else', async (kind, args, claims) => {
    const { run } = await someone();
    const { out } = await run(['generate', kind, '--valid-for', '1h', ...args]);
    const [, payload = ''] = out.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject(claims);
  });
});

describe('kumulus config', () => {
  it('keeps tokens to its owner', async () => {
    const { run, home } = await someone();
    const add = [
      'config',
      'control-planes',
      'add',
      '--name',
      'two',
      '--address',
      server.api,
      '--token',
      'secret',
    ];
    expect((await run(add)).error).toBeUndefined();
    const file = join(home, '.kumulus', 'config');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('token: secret');
    expect((await run(add)).error).toContain('--overwrite');
    expect((await run(['config', 'control-planes', 'list'])).out).toMatch(/\*\s+two/);
    await run(['config', 'control-planes', 'switch', '--name', 'test']);
    expect((await run(['config', 'control-planes', 'list'])).out).toMatch(/\*\s+test/);
    await run(['config', 'control-planes', 'remove', '--name', 'test']);
    expect((await run(['get', 'meshes', '--context', 'two'])).error).toBeUndefined();
    expect((await run(['get', 'meshes', '--context', 'test'])).error).toContain('there is no context "test"');
  });

  it('does not keep an address where there is no control plane', async () => {
    const { run } = createPerson();
    const add = ['config', 'control-planes', 'add', '--name', 'x', '--address', 'http://127.0.0.1:1'];
    expect((await run(add)).error).toContain('cannot reach the control plane at http://127.0.0.1:1');
    expect((await run(['config', 'control-planes', 'list'])).out).not.toContain('127.0.0.1:1');
  });

  it('takes the address from the environment, without the credentials of a context', async () => {
    const { run } = createPerson({ KUMULUS_ADDRESS: server.api, KUMULUS_TOKEN: 'nonsense' });
    expect((await run(['get', 'meshes'])).error).toBeUndefined();
  });

  it('says what is wrong with its file', async () => {
    const { run, home } = await someone();
    writeFileSync(join(home, '.kumulus', 'config'), 'controlPlanes: 1');
    expect((await run(['get', 'meshes'])).error).toContain('controlPlanes');
  });
});

describe('kumulus completion', () => {
  it('gives scripts that shells can read', async () => {
    const { run } = createPerson();
    const { out } = await run(['completion', 'bash']);
    const script = `${out}\nCOMP_WORDS=(kumulus get meshti); COMP_CWORD=2; _kumulus; echo "\${COMPREPLY[@]}"`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('meshtimeouts\n');
    expect((await run(['completion', 'fish'])).out).toContain('complete -c kumulus');
    expect((await run(['completion', 'zsh'])).out).toMatch(/^#compdef kumulus\n/);
  });
});
