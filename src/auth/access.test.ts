import { describe, expect, it } from 'vitest';
import { type Access, createAccess, defaultAccessRules } from './access.ts';
import { adminUser, anonymousUser, type User } from './user.ts';

const ann: User = { name: 'ann', groups: ['mesh-system:admin', 'mesh-system:authenticated'] };
const bob: User = { name: 'bob', groups: ['guests', 'mesh-system:authenticated'] };
const secret = { name: 'Secret', secret: true };
const timeout = { name: 'MeshTimeout', secret: false };

const access = createAccess();
type Act = (user: User, rules: Access) => void;

const acts: Readonly<Record<string, Act>> = {
  'read a secret': (user, rules) => rules.readResource(user, secret),
  'write a secret': (user, rules) => rules.writeResource(user, secret),
  'read a policy': (user, rules) => rules.readResource(user, timeout),
  'write a policy': (user, rules) => rules.writeResource(user, timeout),
  'make a dataplane token': (user, rules) => rules.generateDataplaneToken(user),
  'make a zone token': (user, rules) => rules.generateZoneToken(user, 'x'),
  'make a user token': (user, rules) => rules.generateUserToken(user),
  'view a proxy': (user, rules) => rules.viewProxy(user, 'configDump'),
  'view the control plane': (user, rules) => rules.viewControlPlane(user),
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
  it.each(Object.entries(acts))('may or may not %s', (name, act) => {
    const attempt = () => act(user, access);
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
])('what is said to who may not %s', (name, message) => {
  expect(() => acts[name]?.(bob, access)).toThrow(message);
});

it('rules can be others', () => {
  const guests = { users: ['zoe'], groups: ['guests'] };
  const open = createAccess({
    ...defaultAccessRules,
    generateDpToken: guests,
    viewStats: guests,
    anonymousWrites: true,
  });
  open.generateDataplaneToken(bob);
  open.generateDataplaneToken({ name: 'zoe', groups: [] });
  open.viewProxy(bob, 'stats');
  open.writeResource(anonymousUser, timeout);
  expect(() => open.generateDataplaneToken(ann)).toThrow('cannot access generate dataplane token');
  expect(() => open.viewProxy(anonymousUser, 'stats')).toThrow('cannot access envoy proxy info');
  expect(() => open.writeResource(anonymousUser, secret)).toThrow(
    'cannot access the resource of type "Secret"',
  );
});
