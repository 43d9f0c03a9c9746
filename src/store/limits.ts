import { KumulusError } from '../model/errors.ts';
import {
  type Item,
  type ItemKey,
  maxOperations,
  maxPartitionBytes,
  maxSortBytes,
  maxTransactionBytes,
  maxValueBytes,
  type Operation,
} from './port.ts';

/** The key of the item that an operation is about. */
export function keyOf(operation: Operation): ItemKey {
  return operation.kind === 'put' ? operation.item : operation.key;
}

/**
 * Both engines refuse the same keys, so that what works on one works on the other.
 *
 * @throws KumulusError `internal` where the key is empty, too long or holds a NUL.
 */
export function checkKey(key: ItemKey): void {
  checkKeyPart('partition', key.partition, maxPartitionBytes);
  checkKeyPart('sort', key.sort, maxSortBytes);
}

/** @throws KumulusError `internal`, as {@link checkKey}. */
export function checkKeyPart(part: string, text: string, limit: number): void {
  const size = Buffer.byteLength(text);
  if (size === 0 || size > limit || text.includes('\0')) {
    throw new KumulusError(
      'internal',
      `${part} of a key must have 1 to ${limit} bytes and no NUL, got ${size}`,
    );
  }
}

/** The longest name of a mesh or a resource that a key can hold, in bytes; Kuma's names end at 253. */
const maxNameBytes = 700;

/** Whether something of that name can be in the table. What cannot be is not looked for, as callers may ask for anything. */
export function isStorableName(name: string): boolean {
  const bytes = Buffer.from(name);
  // Half of a surrogate pair would be read back as another name.
  return bytes.length <= maxNameBytes && !name.includes('\0') && bytes.toString() === name;
}

/** @throws KumulusError `internal` where the page is not of 1 or more items. */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new KumulusError('internal', `limit of a page must be a whole number from 1 on, got ${limit}`);
  }
}

/**
 * Checks what DynamoDB would refuse, before any engine is asked.
 *
 * @throws KumulusError `internal` for a wrong number of operations or two on one item, `payload_too_large` for values.
 */
export function checkOperations(operations: readonly Operation[]): void {
  if (operations.length < 1 || operations.length > maxOperations) {
    throw new KumulusError(
      'internal',
      `a transaction must have 1 to ${maxOperations} operations, got ${operations.length}`,
    );
  }
  const seen = new Set<string>();
  let total = 0;
  for (const operation of operations) {
    const key = keyOf(operation);
    checkKey(key);
    const name = `${operation.owner ?? ''}\0${key.partition}\0${key.sort}`;
    if (seen.has(name)) {
      throw new KumulusError('internal', `two operations of one transaction on ${key.partition} ${key.sort}`);
    }
    seen.add(name);
    if (operation.kind === 'put') {
      checkNumbers(operation.item);
      total += checkValue(key, operation.item.value);
    }
  }
  if (total > maxTransactionBytes) {
    throw new KumulusError(
      'payload_too_large',
      `what is written at once must be <= ${maxTransactionBytes} bytes, got ${total}`,
    );
  }
}

function checkNumbers(item: Item): void {
  const { version, expiresAt = 1 } = item;
  if (!Number.isSafeInteger(version) || version < 0 || !Number.isSafeInteger(expiresAt) || expiresAt < 1) {
    throw new KumulusError(
      'internal',
      `version and expiresAt of ${item.sort} must be whole numbers, got ${version} and ${expiresAt}`,
    );
  }
}

function checkValue(key: ItemKey, value: string | Uint8Array): number {
  const size = Buffer.byteLength(value);
  if (size > maxValueBytes) {
    throw new KumulusError(
      'payload_too_large',
      `what is stored under ${key.sort} must be <= ${maxValueBytes} bytes, got ${size}`,
    );
  }
  return typeof value === 'string' ? size : Math.ceil(size / 3) * 4;
}
