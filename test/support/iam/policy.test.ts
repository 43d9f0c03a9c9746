import { describe, expect, it } from 'vitest';
import { evaluate, parsePolicy } from './policy.ts';

/** As a policy names a context key whose value is to stand there. */
const variable = (name: string) => `\${${name}}`;

/** A policy of one statement, which allows unless told otherwise. */
const policy = (...statements: readonly object[]) =>
  parsePolicy({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      Effect: 'Allow',
      Action: 'a:Get',
      Resource: '*',
      ...statement,
    })),
  });
const get = { action: 'a:Get', resource: 'arn:one', context: {} } as const;

describe('what a policy allows', () => {
  it.each([
    ['nothing by itself', [], 'not allowed'],
    ['what it names', [{}], 'allowed'],
    ['not another action', [{ Action: ['a:Put', 'a:Ge'] }], 'not allowed'],
    ['actions by pattern', [{ Action: 'a:G?*' }], 'allowed'],
    ['not another resource', [{ Resource: ['arn:two', 'arn:on'] }], 'not allowed'],
    ['resources by pattern', [{ Resource: 'arn:*' }], 'allowed'],
    ['nothing that is denied, in whatever order', [{ Effect: 'Deny' }, {}], 'denied'],
    [
      'what is denied under a condition that does not hold',
      [{ Effect: 'Deny', Resource: 'arn:two' }, {}],
      'allowed',
    ],
  ])('%s', (_, statements, decision) => {
    expect(evaluate(policy(...statements), get)).toBe(decision);
  });
});

describe('conditions', () => {
  const keys = {
    'a:Keys': ['x#1', 'x#2'],
    'a:One': 'x',
    'aws:PrincipalTag/tenant': 'x',
    'aws:PrincipalTag/odd': '*',
  };
  it.each([
    ['equal', { StringEquals: { 'a:One': ['y', 'x'] } }, true],
    ['names of keys in whatever case', { StringEquals: { 'A:ONE': 'x' } }, true],
    ['values in their own case', { StringEquals: { 'a:One': 'X' } }, false],
    ['not equal to any', { StringNotEquals: { 'a:One': ['y', 'x'] } }, false],
    ['an absent key equals nothing', { StringEquals: { 'a:None': 'x' } }, false],
    ['an absent key is not what is negated', { StringNotEquals: { 'a:None': 'x' } }, true],
    ['no pattern in equality', { StringEquals: { 'a:One': '*' } }, false],
    ['like', { StringLike: { 'a:One': '?' } }, true],
    ['not like', { StringNotLike: { 'a:One': '?' } }, false],
    ['all values', { 'ForAllValues:StringLike': { 'a:Keys': 'x#*' } }, true],
    ['all values, each by another pattern', { 'ForAllValues:StringLike': { 'a:Keys': ['*1', '*2'] } }, true],
    ['not all values', { 'ForAllValues:StringLike': { 'a:Keys': '*1' } }, false],
    ['all of none', { 'ForAllValues:StringLike': { 'a:None': '*1' } }, true],
    ['any value', { 'ForAnyValue:StringLike': { 'a:Keys': '*1' } }, true],
    ['any of none', { 'ForAnyValue:StringLike': { 'a:None': '*' } }, false],
    [
      'a variable',
      { 'ForAllValues:StringLike': { 'a:Keys': `${variable('aws:PrincipalTag/tenant')}#*` } },
      true,
    ],
    [
      'a variable that is another',
      { 'ForAllValues:StringLike': { 'a:Keys': `${variable('a:One')}1#*` } },
      false,
    ],
    [
      'a variable without a value',
      { StringNotLike: { 'a:One': `${variable('aws:PrincipalTag/none')}*` } },
      true,
    ],
    [
      'nothing by a variable without a value',
      { StringLike: { 'a:One': `${variable('aws:PrincipalTag/none')}*` } },
      false,
    ],
    [
      'a star that a variable holds is a star',
      { StringLike: { 'a:One': `${variable('aws:PrincipalTag/odd')}` } },
      false,
    ],
    ['all operators', { StringEquals: { 'a:One': 'x' }, StringNotEquals: { 'a:One': 'x' } }, false],
    ['all keys', { StringEquals: { 'a:One': 'x', 'aws:PrincipalTag/tenant': 'y' } }, false],
  ])('%s', (_, Condition, isMet) => {
    const decision = evaluate(policy({ Condition }), { ...get, context: keys });
    expect(decision).toBe(isMet ? 'allowed' : 'not allowed');
  });

  it.each([
    ['an operator', { NumericLessThan: { 'a:One': '1' } }],
    ['one of an absent key', { IpAddress: { 'a:None': '1' } }],
    ['one value of many', { StringEquals: { 'a:Keys': 'x#1' } }],
  ])('that are not known throw: %s', (_, Condition) => {
    expect(() => evaluate(policy({ Condition }), { ...get, context: keys })).toThrow();
  });

  it('elements that are not known throw', () => {
    expect(() => policy({ NotAction: 'a:Put' })).toThrow();
  });
});
