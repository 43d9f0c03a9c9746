import { describe, expect, it } from 'vitest';
import { place, tableArn, tenantRole } from '../support/iam/cloud-roles.ts';
import { type AccessRequest, evaluate } from '../support/iam/policy.ts';

/** As a policy names a context key whose value is to stand there. */
const variable = (name: string) => `\${${name}}`;
const kmsKey = `arn:aws:kms:${place.region}:${place.account}:key/secrets`;
const table = tableArn('kumulus');
const role = tenantRole({ table: 'kumulus', kmsKey });
const acme = { 'aws:PrincipalTag/tenant': 'acme' };

/** What IAM is asked where keys of the table are used by a session for `acme`. */
const keyed = (action: string, ...keys: readonly string[]): AccessRequest => ({
  action: `dynamodb:${action}`,
  resource: table,
  context: { ...acme, ...(keys.length > 0 && { 'dynamodb:LeadingKeys': keys }) },
});
const decide = (request: AccessRequest) => evaluate(role.policy, request);

const reads = ['GetItem', 'BatchGetItem', 'Query', 'DeleteItem', 'ConditionCheckItem'];
const own = ['acme#head/default', 'acme#data/1/default', 'acme#partitions', 'acme#'];
const ofOthers = [
  'globex#head/default',
  'acme2#head/default',
  'ac#me',
  'acme',
  'x#acme#head/default',
  ':acme#x',
  '*#x',
  '',
];
const work = [':system#outbox/3', ':system#departures/idle/0', ':system#due-folds', ':system#purges'];
const ofTheSystem = [
  ':system#tenants',
  ':system#leases',
  ':system#feed',
  ':system#holdings/relay',
  ':system#due-folds-of-another-list',
  ':system#outbox',
];

describe('the items of a tenant', () => {
  it.each([...reads, 'PutItem'])('are reached by %s, one and many at once', (action) => {
    expect(own.map((key) => decide(keyed(action, key)))).toEqual(own.map(() => 'allowed'));
    expect(decide(keyed(action, ...own))).toBe('allowed');
  });

  it.each([...reads, 'PutItem'])('of another are not by %s, alone or among own ones', (action) => {
    for (const key of [...ofOthers, ...ofTheSystem]) {
      expect([key, decide(keyed(action, key))]).toEqual([key, 'not allowed']);
      expect([key, decide(keyed(action, 'acme#x', key))]).toEqual([key, 'not allowed']);
    }
  });

  it.each([
    'UpdateItem',
    'BatchWriteItem',
    'Scan',
    'PartiQLSelect',
    'PartiQLUpdate',
    'DescribeTable',
    'DeleteTable',
  ])('are not by %s, with keys or without', (action) => {
    expect(decide(keyed(action))).toBe('not allowed');
    expect(decide(keyed(action, 'acme#x'))).toBe('not allowed');
  });

  it('of another table, or of an index, are not', () => {
    for (const resource of [tableArn('kumulus-2'), `${table}/index/one`, `${table}/stream/1`]) {
      expect(decide({ ...keyed('GetItem', 'acme#x'), resource })).toBe('not allowed');
    }
  });

  it('are those of a table that was restored, where there is one', () => {
    const restored = tenantRole({ table: 'kumulus', restoredTable: 'restored', kmsKey }).policy;
    for (const action of ['GetItem', 'PutItem']) {
      const request = keyed(action, 'acme#x');
      expect(evaluate(restored, { ...request, resource: tableArn('restored') })).toBe('allowed');
      expect(evaluate(restored, request)).toBe('not allowed');
    }
  });

  it('are nobody’s without a tag', () => {
    const request = { ...keyed('GetItem', '#x'), context: { 'dynamodb:LeadingKeys': ['#x'] } };
    expect(decide(request)).toBe('not allowed');
    expect(
      decide({
        ...request,
        context: { 'dynamodb:LeadingKeys': [`${variable('aws:PrincipalTag/tenant')}#x`] },
      }),
    ).toBe('not allowed');
  });
});

describe('what a tenant’s transaction leaves for the jobs', () => {
  it('is put, also beside what is its own, and neither read nor removed', () => {
    for (const key of work) {
      expect([key, decide(keyed('PutItem', key))]).toEqual([key, 'allowed']);
      expect([key, decide(keyed('PutItem', 'acme#x', key))]).toEqual([key, 'allowed']);
      expect(reads.map((action) => decide(keyed(action, key)))).toEqual(reads.map(() => 'not allowed'));
    }
  });
});

describe('data keys', () => {
  const kms = (action: string, context: Readonly<Record<string, string>>, resource = kmsKey) =>
    decide({ action: `kms:${action}`, resource, context: { ...acme, ...context } });

  it.each(['GenerateDataKey', 'Decrypt'])('of the tenant alone, by %s', (action) => {
    expect(kms(action, { 'kms:EncryptionContext:tenant': 'acme' })).toBe('allowed');
    expect(kms(action, { 'kms:EncryptionContext:tenant': 'globex' })).toBe('not allowed');
    expect(kms(action, {})).toBe('not allowed');
    expect(kms(action, { 'kms:EncryptionContext:tenant': 'acme' }, `${kmsKey}-2`)).toBe('not allowed');
  });

  it.each(['Encrypt', 'ReEncryptFrom', 'ScheduleKeyDeletion', 'CreateGrant', 'PutKeyPolicy'])(
    'never by %s',
    (action) => {
      expect(kms(action, { 'kms:EncryptionContext:tenant': 'acme' })).toBe('not allowed');
    },
  );
});

describe('who takes the role', () => {
  const part = `arn:aws:iam::${place.account}:role/kumulus-test-ApiRole-1ABC`;
  const take = (action: string, tags: Readonly<Record<string, string>>, by = part) =>
    evaluate(role.trust, {
      action: `sts:${action}`,
      context: {
        'aws:PrincipalArn': by,
        ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value])),
        ...(Object.keys(tags).length > 0 && { 'aws:TagKeys': Object.keys(tags) }),
      },
    });

  it.each([
    ['a part of the stage, for a tenant', { tenant: 'acme' }, part, 'allowed'],
    ['nobody without a tenant', {}, part, 'not allowed'],
    ['nobody for a tenant without a name', { tenant: '' }, part, 'not allowed'],
    ['nobody as the system', { tenant: ':system' }, part, 'not allowed'],
    ['nobody with a tag beside the tenant', { tenant: 'acme', other: 'x' }, part, 'not allowed'],
    ['nobody with another tag', { other: 'acme' }, part, 'not allowed'],
    ['no part of another stage', { tenant: 'acme' }, part.replace('-test-', '-prod-'), 'not allowed'],
    ['no role of another name', { tenant: 'acme' }, part.replace('kumulus-test-', ''), 'not allowed'],
    ['no user', { tenant: 'acme' }, part.replace(':role/', ':user/'), 'not allowed'],
    ['no other account', { tenant: 'acme' }, part.replace(place.account, '111111111111'), 'not allowed'],
  ])('%s', (_, tags, by, decision) => {
    expect(take('AssumeRole', tags, by)).toBe(decision);
    expect(take('TagSession', tags, by)).toBe(decision);
  });

  it('by STS’s plain way alone', () => {
    expect(take('AssumeRoleWithWebIdentity', { tenant: 'acme' })).toBe('not allowed');
    expect(take('SetSourceIdentity', { tenant: 'acme' })).toBe('not allowed');
  });
});

it('the role allows what is listed here and nothing else', () => {
  const listed = role.policy.flatMap(({ Effect, Action, Resource }) =>
    Action.map((action) => `${Effect} ${action} on ${Resource?.join(', ')}`),
  );
  // Why: infra/data.yml, above each statement.
  expect(listed.sort()).toEqual([
    ...['BatchGetItem', 'ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query'].map(
      (action) => `Allow dynamodb:${action} on ${table}`,
    ),
    `Allow kms:Decrypt on ${kmsKey}`,
    `Allow kms:GenerateDataKey on ${kmsKey}`,
  ]);
  expect(role.policy.every(({ Condition }) => Condition !== undefined)).toBe(true);
});
