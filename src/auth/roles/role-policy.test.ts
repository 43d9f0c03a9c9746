import { describe, expect, it } from 'vitest';
import { isKumulusError } from '../../model/errors.ts';
import type { Resource } from '../../model/resource.ts';
import { type AccessRoleRule, accessKinds } from '../../model/types/access-role/schema.ts';
import type { NewUserClaims } from '../../tokens/requests.ts';
import type { AccessType, RequestAccess } from '../request-access.ts';
import { adminUser, anonymousUser, authenticatedGroup, type User } from '../user.ts';
import { compileRoles } from './role-policy.ts';

const meshType: AccessType = { name: 'Mesh', scope: 'Global', secret: false };
const zone: AccessType = { name: 'Zone', scope: 'Global', secret: false };
const timeout: AccessType = { name: 'MeshTimeout', scope: 'Mesh', secret: false };
const retry: AccessType = { name: 'MeshRetry', scope: 'Mesh', secret: false };
const secret: AccessType = { name: 'Secret', scope: 'Mesh', secret: true };
const globalSecret: AccessType = { name: 'GlobalSecret', scope: 'Global', secret: true };
const role: AccessType = { name: 'AccessRole', scope: 'Global', secret: false };
const binding: AccessType = { name: 'AccessRoleBinding', scope: 'Global', secret: false };

function resource(type: string, name: string, spec: unknown): [string, Resource] {
  return [
    name,
    { type, mesh: '', name, labels: {}, creationTime: '', modificationTime: '', version: 1, spec },
  ];
}

const everything: AccessRoleRule = { access: [...accessKinds] };
const roles: Readonly<Record<string, readonly AccessRoleRule[]>> = {
  admin: [everything],
  viewer: [{ access: ['READ', 'VIEW_STATS'] }],
  everything: [everything],
  'of-a': [{ mesh: 'a', access: [...accessKinds] }],
  timeouts: [{ types: ['MeshTimeout'], access: ['CREATE', 'UPDATE', 'DELETE', 'READ'] }],
  'two-names': [{ types: ['MeshTimeout'], names: ['x', 'y'], mesh: 'a', access: ['READ', 'UPDATE'] }],
  greedy: [
    {
      types: ['Secret', 'GlobalSecret', 'AccessRole', 'AccessRoleBinding'],
      access: ['CREATE', 'UPDATE', 'DELETE', 'READ'],
    },
  ],
  tokens: [{ access: ['GENERATE_USER_TOKEN'] }],
  'web-tokens': [
    {
      mesh: 'a',
      access: ['GENERATE_DATAPLANE_TOKEN'],
      when: [{ dpToken: { tags: [{ name: 'kuma.io/service', value: 'web' }] } }],
    },
  ],
  'whole-mesh': [{ types: ['MeshTimeout'], access: ['UPDATE'], when: [{ targetRef: { kind: 'Mesh' } }] }],
  east: [{ names: ['east'], access: ['GENERATE_ZONE_TOKEN'] }],
  'zone-cps': [{ access: ['GENERATE_ZONE_CP_TOKEN'] }],
};

/** Somebody in one group for each role; the group `g-viewer` has the role `viewer`. */
function member(...held: readonly string[]): User {
  return { name: 'ann', groups: [...held.map((name) => `g-${name}`), authenticatedGroup] };
}

const policy = compileRoles({
  roles: new Map(Object.entries(roles).map(([name, rules]) => resource('AccessRole', name, { rules }))),
  bindings: new Map([
    ...Object.keys(roles).map((name) =>
      resource('AccessRoleBinding', name, {
        subjects: [{ type: 'Group', name: `g-${name}` }],
        roles: [name],
      }),
    ),
    resource('AccessRoleBinding', 'zoe', {
      subjects: [{ type: 'User', name: 'zoe' }],
      roles: ['viewer', 'gone'],
    }),
    resource('AccessRoleBinding', 'open', {
      subjects: [{ type: 'Group', name: 'mesh-system:unauthenticated' }],
      roles: ['everything', 'admin'],
    }),
    resource('AccessRoleBinding', 'broken', { subjects: 'all' }),
  ]),
});

function may(user: User, act: (access: RequestAccess) => void): boolean {
  try {
    act(policy.accessOf(user));
    return true;
  } catch (error) {
    if (isKumulusError(error, 'forbidden') && error.title === 'Access Denied') return false;
    throw error;
  }
}

const acts: Readonly<Record<string, (access: RequestAccess) => void>> = {
  'read timeouts of a': (access) => access.read(timeout, 'a'),
  'read timeouts of b': (access) => access.read(timeout, 'b'),
  'read timeouts of all meshes': (access) => access.read(timeout),
  'read timeout x of a': (access) => access.read(timeout, 'a', 'x'),
  'read timeout z of a': (access) => access.read(timeout, 'a', 'z'),
  'read retries of a': (access) => access.read(retry, 'a'),
  'read mesh a': (access) => access.read(meshType, '', 'a'),
  'read mesh b': (access) => access.read(meshType, '', 'b'),
  'read zones': (access) => access.read(zone, ''),
  'read secrets of a': (access) => access.read(secret, 'a'),
  'read global secrets': (access) => access.read(globalSecret, ''),
  'read roles': (access) => access.read(role, ''),
  'create timeout x in a': (access) => access.write('CREATE', timeout, { mesh: 'a', name: 'x' }, [{}]),
  'update timeout x in a': (access) => access.write('UPDATE', timeout, { mesh: 'a', name: 'x' }, [{}, {}]),
  'update timeout x in b': (access) => access.write('UPDATE', timeout, { mesh: 'b', name: 'x' }, [{}, {}]),
  'delete retry x in a': (access) => access.write('DELETE', retry, { mesh: 'a', name: 'x' }, [{}]),
  'update mesh a': (access) => access.write('UPDATE', meshType, { mesh: '', name: 'a' }, [{}, {}]),
  'create mesh b': (access) => access.write('CREATE', meshType, { mesh: '', name: 'b' }, [{}]),
  'create a zone': (access) => access.write('CREATE', zone, { mesh: '', name: 'z' }, [{}]),
  'write a secret of a': (access) => access.write('CREATE', secret, { mesh: 'a', name: 's' }, [{}]),
  'write a global secret': (access) =>
    access.write('UPDATE', globalSecret, { mesh: '', name: 's' }, [{}, {}]),
  'write a role': (access) => access.write('CREATE', role, { mesh: '', name: 'r' }, [{}]),
  'delete a binding': (access) => access.write('DELETE', binding, { mesh: '', name: 'b' }, [{}]),
  'make a dataplane token for a': (access) =>
    access.generateDataplaneToken({ Name: 'p', Mesh: 'a', Tags: {}, Workload: '' }),
  'make a dataplane token for b': (access) =>
    access.generateDataplaneToken({ Name: 'p', Mesh: 'b', Tags: {}, Workload: '' }),
  'make a zone token': (access) => access.generateZoneToken('east', ['ingress']),
  'make a user token': (access) => access.generateUserToken({ Name: 'x', Groups: null }),
  'view stats of a': (access) => access.viewProxy('stats', 'a', 'p'),
  'view stats of b': (access) => access.viewProxy('stats', 'b', 'p'),
  'view a config dump': (access) => access.viewProxy('configDump', 'a', 'p'),
  'view the configuration': (access) => access.viewControlPlane(),
  'read the audit log': (access) => access.administer('the audit log'),
};

const forAdmins = [
  'read secrets of a',
  'read global secrets',
  'write a secret of a',
  'write a global secret',
  'write a role',
  'delete a binding',
  'read the audit log',
];
const readable = [
  'read timeouts of a',
  'read timeouts of b',
  'read timeouts of all meshes',
  'read timeout x of a',
  'read timeout z of a',
  'read retries of a',
  'read mesh a',
  'read mesh b',
  'read zones',
];
const all = Object.keys(acts);

describe.each<[string, User, readonly string[]]>([
  ['the machine itself', adminUser, all],
  [
    'somebody in the group of administrators',
    { name: 'ann', groups: ['mesh-system:admin', authenticatedGroup] },
    all,
  ],
  ['the user of that name', { name: 'mesh-system:admin', groups: [authenticatedGroup] }, all],
  ['who has the role admin', member('admin'), all],
  ['who has no role', member(), []],
  [
    'who has a role by name',
    { name: 'zoe', groups: [authenticatedGroup] },
    [...readable, 'view stats of a', 'view stats of b'],
  ],
  ['a viewer', member('viewer'), [...readable, 'view stats of a', 'view stats of b']],
  [
    'who may do all, and is no administrator',
    member('everything'),
    all.filter((act) => !forAdmins.includes(act) && act !== 'read roles'),
  ],
  [
    'who may do all in one mesh',
    member('of-a'),
    [
      'read timeouts of a',
      'read timeouts of all meshes',
      'read timeout x of a',
      'read timeout z of a',
      'read retries of a',
      'read mesh a',
      'create timeout x in a',
      'update timeout x in a',
      'delete retry x in a',
      'update mesh a',
      'make a dataplane token for a',
      'view stats of a',
      'view a config dump',
    ],
  ],
  [
    'who may do all with one type',
    member('timeouts'),
    [
      'read timeouts of a',
      'read timeouts of b',
      'read timeouts of all meshes',
      'read timeout x of a',
      'read timeout z of a',
      'create timeout x in a',
      'update timeout x in a',
      'update timeout x in b',
    ],
  ],
  [
    'who may do something with two resources',
    member('two-names'),
    ['read timeouts of a', 'read timeouts of all meshes', 'read timeout x of a', 'update timeout x in a'],
  ],
  ['whose role names what is for administrators', member('greedy'), ['read roles']],
  [
    'who has two roles',
    member('two-names', 'east'),
    [
      'read timeouts of a',
      'read timeouts of all meshes',
      'read timeout x of a',
      'update timeout x in a',
      'make a zone token',
    ],
  ],
  [
    'nobody, although all is bound to them',
    anonymousUser,
    [...readable, 'view stats of a', 'view stats of b', 'view a config dump', 'view the configuration'],
  ],
])('%s', (_, user, allowed) => {
  it.each(Object.entries(acts))('may or may not %s', (name, act) => {
    expect(may(user, act)).toBe(allowed.includes(name));
  });
});

const targetRefPolicy = {
  isTargetRef: true,
  hasTo: true,
  hasFrom: true,
  hasRules: false,
  isFromAsRules: false,
};
const whole = { targetRef: { kind: 'Mesh' } };
const part = { targetRef: { kind: 'Dataplane' } };
it.each([
  ['within it', [whole, whole], true],
  ['out of it', [part, whole], false],
  ['into it', [whole, part], false],
])('a limited right to update: a change %s', (_, specs, allowed) => {
  const type: AccessType = { ...timeout, policy: targetRefPolicy };
  const update = (access: RequestAccess) => access.write('UPDATE', type, { mesh: 'a', name: 'x' }, specs);
  expect(may(member('whole-mesh'), update)).toBe(allowed);
});

it.each<[string, AccessType, string, readonly string[], 'all' | readonly string[]]>([
  ['all of a mesh', timeout, 'a', ['of-a'], 'all'],
  ['nothing of another', timeout, 'b', ['of-a'], []],
  ['the mesh itself', meshType, '', ['of-a'], ['a']],
  ['nothing beside the meshes', zone, '', ['of-a'], []],
  ['the names of a rule', timeout, 'a', ['two-names'], ['x', 'y']],
  ['all, by another rule', timeout, 'a', ['two-names', 'viewer'], 'all'],
  ['no secrets', secret, 'a', ['everything', 'greedy'], []],
  ['secrets, to an administrator', secret, 'a', ['admin'], 'all'],
])('lists show %s', (_, type, mesh, held, expected) => {
  const readableNames = policy.accessOf(member(...held)).readable(type, mesh);
  expect(readableNames === 'all' ? readableNames : [...readableNames]).toEqual(expected);
});

it.each<[string, Readonly<Record<string, readonly string[]>>, boolean]>([
  ['without a limit', {}, false],
  ['for the service', { 'kuma.io/service': ['web'] }, true],
  ['for less than the service', { 'kuma.io/service': ['web'], version: ['1'] }, true],
  ['for another one too', { 'kuma.io/service': ['web', 'api'] }, false],
  ['for no value', { 'kuma.io/service': [] }, false],
])('a limited right to tokens: one %s', (_, Tags, allowed) => {
  const claims = { Name: '', Mesh: 'a', Tags, Workload: '' };
  expect(may(member('web-tokens'), (access) => access.generateDataplaneToken(claims))).toBe(allowed);
});

it.each<[string, string, readonly string[], string, boolean]>([
  ['its zone', 'east', ['ingress', 'egress', 'cp'], 'east', true],
  ['another zone', 'east', ['ingress'], 'west', false],
  ['every zone', 'east', ['ingress'], '', false],
  ['a control plane', 'zone-cps', ['cp'], 'east', true],
  ['a proxy', 'zone-cps', ['cp', 'ingress'], 'east', false],
  ['nothing', 'zone-cps', [], 'east', false],
])('tokens for %s', (_, held, scope, name, allowed) => {
  expect(may(member(held), (access) => access.generateZoneToken(name, scope))).toBe(allowed);
});

it.each<[string, NewUserClaims, boolean]>([
  ['somebody without roles', { Name: 'bob', Groups: ['guests'] }, true],
  ['somebody with a role that they have', { Name: 'bob', Groups: ['g-viewer', 'g-tokens'] }, true],
  ['somebody with another role', { Name: 'bob', Groups: ['g-viewer', 'g-timeouts'] }, false],
  ['a user with a role that is not there yet', { Name: 'zoe', Groups: [] }, false],
  ['an administrator by group', { Name: 'bob', Groups: ['mesh-system:admin'] }, false],
  ['an administrator by name', { Name: 'mesh-system:admin', Groups: null }, false],
  ['an administrator by role', { Name: 'bob', Groups: ['g-admin'] }, false],
])('who may make user tokens makes none for more than they may: %s', (_, claims, allowed) => {
  expect(may(member('viewer', 'tokens'), (access) => access.generateUserToken(claims))).toBe(allowed);
});

it.each<[string, (access: RequestAccess) => void, string]>([
  ['resources', (access) => access.read(secret, 'a'), 'the resource of type "Secret"'],
  [
    'writes',
    (access) => access.writeAny(['CREATE'], timeout, { mesh: 'a', name: 'x' }),
    'the resource of type "MeshTimeout"',
  ],
  [
    'dataplane tokens',
    (access) => acts['make a dataplane token for a']?.(access),
    'generate dataplane token',
  ],
  ['zone tokens', (access) => access.generateZoneToken('x', ['cp']), "generate zone token for zone 'x'"],
  ['proxies', (access) => access.viewProxy('stats', 'a', 'p'), 'envoy proxy info'],
  ['the control plane', (access) => access.viewControlPlane(), 'control-plane metadata'],
])('what is said: %s', (_, act, what) => {
  const bob: User = { name: 'bob', groups: ['guests', authenticatedGroup] };
  expect(() => act(policy.accessOf(bob))).toThrow(
    `user "bob/guests,mesh-system:authenticated" cannot access ${what}`,
  );
});

it('users whose texts are the same are not mistaken for one another', () => {
  const impostor: User = { name: 'ann/g-viewer', groups: [authenticatedGroup] };
  const viewer: User = { name: 'ann', groups: ['g-viewer', authenticatedGroup] };
  expect(may(viewer, (access) => access.read(timeout, 'a'))).toBe(true);
  expect(may(impostor, (access) => access.read(timeout, 'a'))).toBe(false);
  const listed: User = { name: 'ann', groups: [`g-viewer,${authenticatedGroup}`] };
  expect(may(listed, (access) => access.read(timeout, 'a'))).toBe(false);
});

it.each([
  [anonymousUser, false],
  [member(), true],
  [member('viewer'), false],
])('%j is nobody: %s', (user, nobody) => {
  expect(policy.accessOf(user).isNobody).toBe(nobody);
});
