import { expect, it } from 'vitest';
import { parseResource } from '../../parse-resource.ts';
import { accessRoleBindingType } from '../access-role-binding.ts';
import { type AccessRoleRule, accessKinds } from './schema.ts';
import { accessRoleType } from './type.ts';

const context = (name: string) => ({ mesh: '', name, labels: {} });
const all = [...accessKinds];

it.each<[string, string, readonly AccessRoleRule[], readonly (readonly [string, string])[]]>([
  [
    'all that Kong Mesh has',
    'r',
    [{ types: ['MeshTrace'], names: ['x'], mesh: 'default', access: ['CREATE'] }],
    [],
  ],
  ['no rules', 'r', [], [['rules', 'cannot be empty']]],
  ['no access', 'r', [{ mesh: 'default' }], [['rules[0].access', 'cannot be empty']]],
  [
    'every mistake at once',
    'r',
    [
      { access: ['READ'] },
      { mesh: 'Über', access: ['READ', 'CREATE'], types: ['Mesh', 'Secret'], when: [{}, { dpToken: {} }] },
    ],
    [
      [
        'rules[1].mesh',
        "invalid characters. Valid characters are numbers, lowercase latin letters and '-', '_', '.' symbols.",
      ],
      ['rules[1].types[1]', 'Secret can be read by administrators only'],
      ['rules[1].types[1]', 'Secret can be written by administrators only'],
      ['rules[1].when[0]', 'qualifier cannot be empty'],
      ['rules[1].when[1].dpToken', 'cannot be empty'],
    ],
  ],
  ['roles may be read', 'r', [{ access: ['READ'], types: ['AccessRole', 'AccessRoleBinding'] }], []],
  [
    'roles may not be written',
    'r',
    [{ access: ['DELETE'], types: ['AccessRole', 'AccessRoleBinding', 'GlobalSecret'] }],
    [
      ['rules[0].types[0]', 'AccessRole can be written by administrators only'],
      ['rules[0].types[1]', 'AccessRoleBinding can be written by administrators only'],
      ['rules[0].types[2]', 'GlobalSecret can be written by administrators only'],
    ],
  ],
  [
    'qualifiers of two kinds',
    'r',
    [
      {
        access: ['CREATE'],
        when: [
          { targetRef: { kind: 'Mesh' }, selectors: { match: {} } },
          { to: { targetRef: { kind: 'Mesh' } }, from: { targetRef: { kind: 'Mesh' } } },
        ],
      },
    ],
    [
      [
        'rules[0].when[0]',
        'qualifier must be about one of targetRef (with to or from), sources and destinations, selectors, dpToken',
      ],
      ['rules[0].when[1]', 'qualifier must have either to or from'],
    ],
  ],
  ['the role admin', 'admin', [{ access: all }], []],
  ['the role admin, with another rule', 'admin', [{ mesh: 'a', access: ['READ'] }, { access: all }], []],
  ...[
    { access: all.slice(1) },
    { access: all, mesh: 'a' },
    { access: all, types: ['Mesh'] },
    { access: all, names: ['x'] },
    { access: all, when: [{ targetRef: { kind: 'Mesh' } }] },
  ].map((rule): [string, string, readonly AccessRoleRule[], readonly (readonly [string, string])[]] => [
    `the role admin with ${Object.keys(rule).join(' and ')} limited`,
    'admin',
    [rule],
    [['rules', 'role "admin" may do everything: it must have a rule with all kinds of access alone']],
  ]),
])('%s', (_, name, rules, expected) => {
  const violations = accessRoleType.validate({ rules: [...rules] }, context(name));
  expect(violations.list.map(({ field, message }) => [field, message])).toEqual(expected);
});

it('says what has no effect', () => {
  const access = ['GENERATE_USER_TOKEN', 'READ'] satisfies AccessRoleRule['access'];
  expect(accessRoleType.deprecations?.({ rules: [{ access }, { access, mesh: 'a' }] }, 'r')).toEqual([
    'rules[1]: GENERATE_USER_TOKEN is not about a mesh, so a rule with a mesh does not allow it',
  ]);
});

it.each<[string, unknown]>([
  ['a misspelt condition', { access: ['READ'], meshes: ['a'] }],
  ['a misspelt member of a condition', { access: ['READ'], when: [{ targetref: { kind: 'Mesh' } }] }],
  ['a kind of access that there is not', { access: ['WRITE'] }],
  ['a condition that is null', { access: ['READ'], mesh: null }],
])('a rule with %s is refused', (_, rule) => {
  const body = { type: 'AccessRole', name: 'r', rules: [rule] };
  expect(() => parseResource(accessRoleType, body, { name: 'r', mesh: '' })).toThrow(
    'invalid AccessRole object',
  );
});

it.each<[unknown, readonly (readonly [string, string])[]]>([
  [{ subjects: [{ type: 'User', name: 'ann' }], roles: ['viewer'] }, []],
  [
    {},
    [
      ['subjects', 'cannot be empty'],
      ['roles', 'cannot be empty'],
    ],
  ],
  [{ subjects: [{ type: 'Group', name: 'a' }], roles: ['x', 'y', 'x'] }, [['roles[2]', 'is there twice']]],
])('binding %j', (spec, expected) => {
  const { list } = accessRoleBindingType.validate(accessRoleBindingType.schema.parse(spec), context('b'));
  expect(list.map(({ field, message }) => [field, message])).toEqual(expected);
});
