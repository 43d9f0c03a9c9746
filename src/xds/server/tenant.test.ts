import { describe, expect, it } from 'vitest';
import { hostWithoutPort } from './tenant.ts';

describe('hostWithoutPort', () => {
  it.each([
    ['cp.example:5678', 'cp.example'],
    ['cp.example', 'cp.example'],
    ['127.0.0.1:5678', '127.0.0.1'],
    ['[::1]:5678', '::1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['cp.example:', 'cp.example'],
    ['', ''],
  ])('of %s is %s', (host, expected) => {
    expect(hostWithoutPort(host)).toBe(expected);
  });
});
