import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Condition, Item, ItemKey, Owner } from '../port.ts';
import { expiryAttribute } from './table.ts';

/** Attributes of one item, as DynamoDB's API has them. */
export type Attributes = Record<string, AttributeValue>;

/** Whose keys nothing lies under: what is read for names that are no tenant's is read there. */
export const nobody = ':nobody';
/** Whose name a key starts with. */
export type KeyOwner = Owner | typeof nobody;

/** `#` occurs in no owner's name, so no owner's keys are another's. */
export function partitionKey(owner: KeyOwner, partition: string): string {
  return `${owner}#${partition}`;
}

export function keyAttributes(owner: KeyOwner, key: ItemKey): Attributes {
  return { pk: { S: partitionKey(owner, key.partition) }, sk: { S: key.sort } };
}

/**
 * @param token Tells, when the answer to a conditional write was lost, whether what is there now is what was written.
 */
export function encodeItem(owner: Owner, item: Item, token?: string): Attributes {
  return {
    ...keyAttributes(owner, item),
    version: { N: String(item.version) },
    value: typeof item.value === 'string' ? { S: item.value } : { B: item.value },
    ...(item.expiresAt === undefined ? {} : { [expiryAttribute]: { N: String(item.expiresAt) } }),
    ...(token === undefined ? {} : { token: { S: token } }),
  };
}

export function decodeItem(owner: KeyOwner, attributes: Attributes): Item {
  const { pk, sk, version, value } = attributes;
  const expiresAt = attributes[expiryAttribute]?.N;
  return {
    partition: (pk?.S ?? '').slice(owner.length + 1),
    sort: sk?.S ?? '',
    version: Number(version?.N),
    value: value?.S ?? value?.B ?? '',
    ...(expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) }),
  };
}

/** The parts of a request that carry a condition. */
export interface ConditionInput {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Attributes;
}

/** DynamoDB removes what has expired some time later; until then it counts as absent here, too. */
export function conditionInput(condition: Condition, seconds: number): ConditionInput {
  const now: Attributes = { ':now': { N: String(seconds) } };
  const names = { '#pk': 'pk', '#expiresAt': expiryAttribute };
  const live = '(attribute_not_exists(#expiresAt) OR #expiresAt > :now)';
  if ('absent' in condition) {
    return {
      ConditionExpression: 'attribute_not_exists(#pk) OR #expiresAt <= :now',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: now,
    };
  }
  if ('present' in condition) {
    return {
      ConditionExpression: `attribute_exists(#pk) AND ${live}`,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: now,
    };
  }
  return {
    ConditionExpression: `#version = :version AND ${live}`,
    ExpressionAttributeNames: { '#version': 'version', '#expiresAt': expiryAttribute },
    ExpressionAttributeValues: { ...now, ':version': { N: String(condition.version) } },
  };
}
