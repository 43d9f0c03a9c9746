import { describe, expect, it } from 'vitest';
import { tenantId } from '../model/tenant.ts';
import { createStaticAuthorization, defaultAccessRules } from './access.ts';
import type { RequestAccess } from './request-access.ts';
import { adminUser, anonymousUser, type User } from './user.ts';

const ann: User = { name: 'ann', groups: ['mesh-system:admin', 'mesh-system:authenticated'] };
const bob: User = { name: 'bob', groups: ['guests', 'mesh-system:authenticated'] };
const secret = { name: 'Secret', scope: 'Mesh', secret: true } as const;
const timeout = { name: 'MeshTimeout', scope: 'Mesh', secret: false } as const;
const key = { mesh: 'default', name: 'x' };
const claims = { Name: '', Mesh: 'default', Tags: {}, Workload: '' };

const tenant = tenantId('acme');
const authorize = createStaticAuthorization();
type Act = (access: RequestAccess) => void;

const acts: Readonly<Record<string, Act>> = {
  'read a secret': (access) => access.read(secret, 'default', 'x'),
  'write a secret': (access) => access.write('CREATE', secret, key, []),
  'read a policy': (access) => access.read(timeout, 'default', 'x'),
  'write a policy': (access) => access.write('CREATE', timeout, key, []),
  'make a dataplane token': (access) => access.generateDataplaneToken(claims),
  'make a zone token': (access) => access.generateZoneToken('x', ['ingress']),
  'make a user token': (access) => access.generateUserToken({ Name: 'x', Groups: null }),
  'view a proxy': (access) => access.viewProxy('configDump', 'default', 'x'),
  'view the control plane': (access) => access.viewControlPlane(),
};

const admins = [
  'read a secret',
  'write a secret',
  'make a dataplane token',
  'make a zone token',
  'make a user token',
];

describe.each<[string, User, readonly string[]]>([
  ['the machine itself', adminUser, []],
  ['ann, who is in the group', ann, []],
  ['bob', bob, admins],
  ['nobody', anonymousUser, [...admins, 'write a policy']],
])('%s', (_, user, forbidden) => {
  it.each(Object.entries(acts))('may or may not %s', async (name, act) => {
    const access = await authorize(tenant, user);
    const attempt = () => act(access);
    if (!forbidden.includes(name)) attempt();
    else expect(attempt).toThrowError(expect.objectContaining({ code: 'forbidden', title: 'Access Denied' }));
  });
});

it.each<[string, string]>([
  [
    'read a secret',
    'user "bob/guests,mesh-system:authenticated" cannot access the resource of type "Secret"',
  ],
  [
    'make a dataplane token',
    'user "bob/guests,mesh-system:authenticated" cannot access generate dataplane token',
  ],
  [
    'make a zone token',
    `user "bob/guests,mesh-system:authenticated" cannot access generate zone token for zone 'x'`,
  ],
  ['make a user token', 'action not allowed'],
])('what is said to who may not %s', async (name, message) => {
  const access = await authorize(tenant, bob);
  expect(() => acts[name]?.(access)).toThrow(message);
});

it('rules can be others', async () => {
  const guests = { users: ['zoe'], groups: ['guests'] };
  const open = createStaticAuthorization({
    ...defaultAccessRules,
    generateDpToken: guests,
    viewStats: guests,
    anonymousWrites: true,
  });
  const [forBob, forAnn, forNobody] = await Promise.all(
    [bob, ann, anonymousUser].map((user) => open(tenant, user)),
  );
  forBob?.generateDataplaneToken(claims);
  forBob?.viewProxy('stats', 'default', 'x');
  forNobody?.write('CREATE', timeout, key, []);
  expect(() => forAnn?.generateDataplaneToken(claims)).toThrow('cannot access generate dataplane token');
  expect(() => forNobody?.viewProxy('stats', 'default', 'x')).toThrow('cannot access envoy proxy info');
});
