import { describe, expect, it } from 'vitest';
import { positive } from './certificate.ts';
import { contextTag, der, namedBits, oid, readDer, time, unsignedInteger } from './der.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

describe('encoding', () => {
  it.each<[string, Buffer, string]>([
    ['a short value', der(0x04, Buffer.from('ab')), '04026162'],
    ['an empty sequence', der(0x30), '3000'],
    ['127 octets', der(0x04, Buffer.alloc(127)).subarray(0, 3), '047f00'],
    ['128 octets', der(0x04, Buffer.alloc(128)).subarray(0, 3), '048180'],
    ['256 octets', der(0x04, Buffer.alloc(256)).subarray(0, 4), '04820100'],
    ['65536 octets', der(0x04, Buffer.alloc(65536)).subarray(0, 5), '0483010000'],
    ['zero', unsignedInteger(Buffer.of(0)), '020100'],
    ['a high bit', unsignedInteger(Buffer.of(0x80)), '02020080'],
    ['leading zeros', unsignedInteger(Buffer.of(0, 0, 0x7f)), '02017f'],
    ['sha256WithRSAEncryption', oid('1.2.840.113549.1.1.11'), '06092a864886f70d01010b'],
    ['prime256v1', oid('1.2.840.10045.3.1.7'), '06082a8648ce3d030107'],
    ['keyCertSign and cRLSign', namedBits([5, 6]), '03020106'],
    ['digitalSignature', namedBits([0]), '03020780'],
    ['a bit of the second octet', namedBits([8]), '0303070080'],
    ['no bits', namedBits([]), '030100'],
    ['explicit tag 3', Buffer.of(contextTag(3, true)), 'a3'],
  ])('%s', (_, octets, expected) => {
    expect(hex(octets)).toBe(expected);
  });

  it.each([
    ['2026-11-20T12:34:56.789Z', 0x17, '261120123456Z'],
    ['2049-12-31T23:59:59Z', 0x17, '491231235959Z'],
    ['2050-01-01T00:00:00Z', 0x18, '20500101000000Z'],
  ])('the time %s', (iso, tag, digits) => {
    const octets = time(Date.parse(iso));
    expect(octets[0]).toBe(tag);
    expect(octets.subarray(2).toString('latin1')).toBe(digits);
  });
});

describe('readDer', () => {
  it('gives the values one after the other', () => {
    const values = readDer(Buffer.concat([der(0x04, Buffer.from('ab')), der(0x30, der(0x02, Buffer.of(1)))]));
    expect(values.map((value) => [value.tag, hex(value.body), hex(value.whole)])).toEqual([
      [0x04, '6162', '04026162'],
      [0x30, '020101', '3003020101'],
    ]);
  });

  it.each([
    ['04', /truncated/],
    ['0405ab', /truncated/],
    ['0482ff', /truncated/],
    ['3080', /indefinite/],
    ['0484ffffffff', /too large/],
    ['1f8101', /more than one octet/],
  ])('refuses %s', (input, message) => {
    expect(() => readDer(Buffer.from(input, 'hex'))).toThrow(message);
  });
});

it.each([
  [0x00, 0x40],
  [0xff, 0x7f],
  [0x80, 0x40],
])('a serial number that starts with %d is positive and not zero', (first, expected) => {
  expect(hex(positive(Buffer.of(first, 0, 0)))).toBe(hex(Buffer.of(expected, 0, 0)));
});
