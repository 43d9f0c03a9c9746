import { describe, expect, it } from 'vitest';
import { createIdentityTrie } from './identity-trie.ts';

const [a, b, c] = [{}, {}, {}];

describe('a trie of identities', () => {
  it('finds what belongs to the same objects in the same order, in lists of any length', () => {
    const trie = createIdentityTrie<string>();
    const lists = [[], [a], [a, b], [b, a], [a, b, c]];
    lists.forEach((list, at) => {
      expect(trie.get(list, () => `made ${at}`)).toBe(`made ${at}`);
    });
    lists.forEach((list, at) => {
      expect(trie.get([...list], () => 'made anew')).toBe(`made ${at}`);
    });
    expect(trie.get([{}], () => 'another object')).toBe('another object');
  });

  it('starts anew when it has made as many as it may', () => {
    const trie = createIdentityTrie<string>(2);
    expect(trie.get([a], () => 'first')).toBe('first');
    expect(trie.get([b], () => 'second')).toBe('second');
    expect(trie.get([a], () => 'first again')).toBe('first again');
    expect(trie.get([a], () => 'third time')).toBe('first again');
  });
});
