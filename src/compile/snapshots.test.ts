import { describe, expect, it } from 'vitest';
import { type EncodedResource, type TypeUrl, typeUrls } from './snapshot.ts';
import { nextSnapshot } from './snapshots.ts';

function resource(name: string, version: string, typeUrl: TypeUrl = typeUrls.cluster): EncodedResource {
  return { name, typeUrl, version, delta: new Uint8Array(), any: new Uint8Array() };
}

const listener = resource('l', '1', typeUrls.listener);
const first = nextSnapshot(1, [resource('a', '1'), resource('b', '1'), listener], undefined);

describe('nextSnapshot', () => {
  it('holds resources by type and name', () => {
    expect(first.revision).toBe(1);
    expect([...first.resources[typeUrls.cluster].keys()]).toEqual(['a', 'b']);
    expect([...first.resources[typeUrls.listener].keys()]).toEqual(['l']);
    expect(first.resources[typeUrls.secret].size).toBe(0);
  });

  it.each([
    ['the same', [resource('a', '1'), resource('b', '1'), listener]],
    ['the same in another order', [listener, resource('b', '1'), resource('a', '1')]],
    ['the same twice', [resource('a', '0'), resource('a', '1'), resource('b', '1'), listener]],
  ])('is the one before with %s', (_, resources) => {
    expect(nextSnapshot(2, resources, first)).toBe(first);
  });

  it.each([
    ['another version', [resource('a', '2'), resource('b', '1'), listener]],
    ['one less', [resource('a', '1'), listener]],
    ['one more', [resource('a', '1'), resource('b', '1'), resource('c', '1'), listener]],
    ['one that stands for two', [resource('a', '1'), resource('a', '1'), listener]],
    ['another name', [resource('a', '1'), resource('c', '1'), listener]],
  ])('keeps the types that did not change, with %s', (_, resources) => {
    const next = nextSnapshot(2, resources, first);
    expect(next).not.toBe(first);
    expect(next.revision).toBe(2);
    expect(next.resources[typeUrls.cluster]).not.toBe(first.resources[typeUrls.cluster]);
    expect(next.resources[typeUrls.listener]).toBe(first.resources[typeUrls.listener]);
    expect(next.resources[typeUrls.secret]).toBe(first.resources[typeUrls.secret]);
  });
});
