import { expect, it } from 'vitest';
import { previousKmsKeys } from './settings.ts';

it.each<[string | undefined, readonly string[]]>([
  [undefined, []],
  ['', []],
  ['arn:aws:kms:eu-central-1:1:key/a', ['arn:aws:kms:eu-central-1:1:key/a']],
  [' a , b,', ['a', 'b']],
])('KUMULUS_PREVIOUS_KMS_KEYS=%j names %j', (text, keys) => {
  expect(previousKmsKeys(text === undefined ? {} : { KUMULUS_PREVIOUS_KMS_KEYS: text })).toStrictEqual(keys);
});
