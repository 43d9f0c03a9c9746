import { describe, expect, it } from 'vitest';
import { createCapacity } from './capacity.ts';

const key = (sk: string) => ({ pk: { S: 'acme#data' }, sk: { S: sk } });
const item = (sk: string, bytes: number) => ({
  ...key(sk),
  version: { N: '1' },
  value: { S: 'x'.repeat(bytes) },
});
const put = (sk: string, bytes: number) => ({ TableName: 'kumulus', Item: item(sk, bytes) });

describe('the units of a call', () => {
  it('of a write are those of the larger item', () => {
    const capacity = createCapacity();
    expect(capacity.add('PutItem', put('a', 10), {})).toEqual({ writes: 1, reads: 0 });
    expect(capacity.add('PutItem', put('a', 3_000), {})).toEqual({ writes: 3, reads: 0 });
    expect(capacity.add('PutItem', put('a', 10), {})).toEqual({ writes: 3, reads: 0 });
    expect(capacity.add('DeleteItem', { Key: key('a') }, {})).toEqual({ writes: 1, reads: 0 });
  });

  it('count names and keys', () => {
    const around = 'pk'.length + 'acme#data'.length + 'sk'.length + 1 + 'version'.length + 2 + 'value'.length;
    const capacity = createCapacity();
    expect(capacity.add('PutItem', put('a', 1_024 - around), {}).writes).toBe(1);
    expect(capacity.add('PutItem', put('b', 1_025 - around), {}).writes).toBe(2);
  });

  it('of a transaction are twice as many, checks and deletes included', () => {
    const capacity = createCapacity();
    capacity.add('PutItem', put('old', 2_500), {});
    const TransactItems = [
      { Put: { TableName: 'kumulus', Item: item('new', 1_500) } },
      { ConditionCheck: { TableName: 'kumulus', Key: key('old') } },
      { Delete: { TableName: 'kumulus', Key: key('old') } },
    ];
    expect(capacity.add('TransactWriteItems', { TransactItems }, {})).toEqual({ writes: 16, reads: 0 });
  });

  it.each([
    ['GetItem', { Key: key('a'), ConsistentRead: true }, { Item: item('a', 5_000) }, 2],
    ['GetItem', { Key: key('a') }, {}, 0.5],
    ['Query', { ConsistentRead: true }, { Items: [item('a', 100), item('b', 100)] }, 1],
    ['Query', {}, { Items: [item('a', 3_000), item('b', 3_000)] }, 1],
    [
      'BatchGetItem',
      { RequestItems: { kumulus: { Keys: [key('a'), key('b'), key('c')], ConsistentRead: true } } },
      { Responses: { kumulus: [item('a', 100), item('b', 5_000)] } },
      4,
    ],
  ])('%s reads', (operation, request, answer, reads) => {
    expect(createCapacity().add(operation, request, answer)).toEqual({ writes: 0, reads });
  });
});
