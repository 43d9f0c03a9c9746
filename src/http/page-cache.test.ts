import { describe, expect, it } from 'vitest';
import { createPageCache } from './page-cache.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('encoded pages', () => {
  it('are lists as the reference writes them', () => {
    const cache = createPageCache(2);
    expect(text(cache.encode('a', 3, ['{"name":"é"}', '2'], 'next'))).toBe(
      '{"total":3,"items":[{"name":"é"},2],"next":"next"}',
    );
    expect(text(cache.encode('b', 0, [], null))).toBe('{"total":0,"items":[],"next":null}');
  });

  it('are the same bytes as long as nothing changes, and new ones as soon as anything does', () => {
    const cache = createPageCache(2);
    const first = cache.encode('a', 2, ['1', '2'], null);
    expect(cache.encode('a', 2, ['1', '2'], null)).toBe(first);
    expect(text(cache.encode('a', 3, ['1', '2'], null))).toContain('"total":3');
    expect(text(cache.encode('a', 3, ['1', '3'], null))).toContain('[1,3]');
    expect(text(cache.encode('a', 3, ['1'], 'x'))).toBe('{"total":3,"items":[1],"next":"x"}');
  });

  it('are forgotten when others were asked for more lately', () => {
    const cache = createPageCache(2);
    const first = cache.encode('a', 1, ['1'], null);
    cache.encode('b', 1, ['1'], null);
    expect(cache.encode('a', 1, ['1'], null)).toBe(first);
    cache.encode('c', 1, ['1'], null);
    expect(cache.encode('a', 1, ['1'], null)).toBe(first);
    cache.encode('b', 1, ['1'], null);
    cache.encode('c', 1, ['1'], null);
    expect(cache.encode('a', 1, ['1'], null)).not.toBe(first);
  });
});
