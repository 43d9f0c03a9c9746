import { describe, expect, it } from 'vitest';
import { outboundCluster, serverName } from './names.ts';

describe('outboundCluster', () => {
  it('is the service where nothing else is chosen by', () => {
    expect(outboundCluster({ 'kuma.io/service': 'a' })).toBe('a');
  });

  it('has a suffix that depends on the tags alone', () => {
    const name = outboundCluster({ 'kuma.io/service': 'a', version: 'v1', zone: 'z' });
    expect(name).toMatch(/^a-[0-9a-f]{16}$/);
    expect(outboundCluster({ zone: 'z', version: 'v1', 'kuma.io/service': 'a' })).toBe(name);
    expect(outboundCluster({ 'kuma.io/service': 'a', version: 'v2', zone: 'z' })).not.toBe(name);
  });
});

it.each([
  [{ 'kuma.io/service': 'a' }, 'a{mesh=default}'],
  [{ 'kuma.io/service': 'a', version: 'v1', age: '3' }, 'a{age=3,mesh=default,version=v1}'],
])('serverName of %j', (tags, expected) => {
  expect(serverName(tags, 'default')).toBe(expected);
});
