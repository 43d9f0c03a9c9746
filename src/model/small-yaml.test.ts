import { describe, expect, it } from 'vitest';
import { maxYamlLength, parseSmallYaml } from './small-yaml.ts';

describe('parseSmallYaml', () => {
  it('reads what people write', () => {
    const text =
      'type: Dataplane\n# a comment\nnetworking:\n  inbound:\n    - port: 80\n      tags: {a: "[["}\n';
    expect(parseSmallYaml(text)).toEqual({
      type: 'Dataplane',
      networking: { inbound: [{ port: 80, tags: { a: '[[' } }] },
    });
  });

  const full = (text: string) => text.repeat(Math.floor(maxYamlLength / text.length));
  it.each([
    ['brackets', full('[')],
    ['braces', full('{')],
    ['maps in maps', full('{a: ')],
    ['lists in lists', full('- ')],
    ['keys of keys', full('? ')],
    ['values of values', full(':\t')],
    ['indentation', `${' '.repeat(300)}a: 1`],
    ['length', 'a'.repeat(maxYamlLength + 1)],
  ])('refuses %s without end before it reads them', (_note, text) => {
    expect(() => parseSmallYaml(text)).toThrow(/^YAML may /);
  });

  it('refuses aliases that multiply', () => {
    const text = `a: &a [1, 2, 3]\n${Array.from({ length: 20 }, (_, index) => `b${index}: *a`).join('\n')}`;
    const bomb = `${text}\nc: &c [*a, *a, *a, *a]\nd: &d [*c, *c, *c, *c]\ne: [*d, *d, *d, *d]`;
    expect(() => parseSmallYaml(bomb)).toThrow('alias');
  });

  it('refuses what is no YAML', () => {
    expect(() => parseSmallYaml('a: "')).toThrow();
  });
});
