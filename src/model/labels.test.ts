import { describe, expect, it } from 'vitest';
import { computeLabels, validateLabelChange, validateLabels } from './labels.ts';
import { dataplaneType } from './types/dataplane.ts';
import { meshType } from './types/mesh.ts';
import { zoneType } from './types/zone.ts';
import { Violations } from './violations.ts';

const context = { mesh: 'demo', zone: 'east' };
const own = {
  'kuma.io/env': 'universal',
  'kuma.io/mesh': 'demo',
  'kuma.io/origin': 'zone',
  'kuma.io/proxy-type': 'sidecar',
  'kuma.io/zone': 'east',
};
const builtin = { networking: { gateway: { type: 'BUILTIN' as const } } };

describe('computeLabels', () => {
  it('adds what the control plane knows, ordered by name', () => {
    const labels = computeLabels(dataplaneType, {}, { team: 'red', a: 'b' }, context);
    expect(JSON.stringify(labels)).toBe(JSON.stringify({ a: 'b', ...own, team: 'red' }));
  });

  it.each(Object.keys(own))('does not let a request claim %s', (name) => {
    expect(computeLabels(dataplaneType, {}, { [name]: 'claimed' }, context)).toEqual(own);
  });

  it('tells gateways from sidecars', () => {
    expect(computeLabels(dataplaneType, builtin, {}, context)['kuma.io/proxy-type']).toBe('gateway');
  });

  it('tells of Kubernetes where a proxy comes from there', () => {
    const labels = computeLabels(dataplaneType, {}, {}, { ...context, environment: 'kubernetes' });
    expect(labels['kuma.io/env']).toBe('kubernetes');
  });

  it('leaves a Mesh alone, and gives global resources no mesh', () => {
    expect(computeLabels(meshType, {}, { a: 'b' }, context)).toEqual({ a: 'b' });
    expect(computeLabels(zoneType, {}, {}, context)).toEqual({
      'kuma.io/env': 'universal',
      'kuma.io/origin': 'zone',
      'kuma.io/zone': 'east',
    });
  });
});

describe('validateLabels', () => {
  const long = 'k'.repeat(64);
  it.each([
    [{ team: 'red', 'example.com/team': '', A_b: '1.2-3' }, []],
    [{ 'kuma.io/mesh': 'demo', 'kuma.io/zone': 'east', 'kuma.io/origin': 'zone' }, []],
    // What comes from elsewhere may name another zone and mesh; whether it may change is another question.
    [{ 'kuma.io/origin': 'global', 'kuma.io/zone': 'west', 'kuma.io/mesh': 'm' }, []],
    [{ team: 'a b' }, [['labels["team"]', /^a valid label must be an empty string or consist of/]]],
    [{ [long]: '' }, [[`labels["${long}"]`, /^name part must be no more than 63 bytes$/]]],
    [{ a: long }, [['labels["a"]', /^must be no more than 63 bytes$/]]],
    [{ '/a': '' }, [['labels["/a"]', /^prefix part must be non-empty$/]]],
    [{ 'A_/b': '' }, [['labels["A_/b"]', /^prefix part a lowercase RFC 1123 subdomain must consist of/]]],
    [
      { 'a/b/c': '' },
      [['labels["a/b/c"]', /^a valid label key must consist of .*optional DNS subdomain prefix/]],
    ],
    [
      { 'c/': '' },
      [
        ['labels["c/"]', /^name part must be non-empty$/],
        ['labels["c/"]', /^name part must consist of/],
      ],
    ],
    [
      { b: ' ', a: ' ' },
      [
        ['labels["a"]', /^a valid label must be/],
        ['labels["b"]', /^a valid label must be/],
      ],
    ],
  ])('%j', (labels, expected) => {
    const violations = new Violations();
    validateLabels(violations, labels, context);
    expect(violations.list).toEqual(
      expected.map(([field, message]) => ({ field, message: expect.stringMatching(message ?? '') })),
    );
  });
});

describe('validateLabelChange', () => {
  it.each([
    ['nothing', {}, []],
    ['other labels', { team: 'blue', 'kuma.io/proxy-type': 'gateway' }, []],
    [
      'the origin, and with it the zone',
      { 'kuma.io/origin': 'global' },
      [
        ['labels["kuma.io/origin"]', 'is immutable, cannot be changed from "zone" to "global"'],
        ['labels["kuma.io/zone"]', 'is immutable, cannot be removed (was "east")'],
      ],
    ],
    [
      'the zone',
      { 'kuma.io/zone': 'west' },
      [['labels["kuma.io/zone"]', 'is immutable, cannot be changed from "east" to "west"']],
    ],
  ])('of %s', (_, given, expected) => {
    const { list } = validateLabelChange(dataplaneType, own, given, context);
    expect(list.map(({ field, message }) => [field, message])).toEqual(expected);
  });

  it.each([
    [{}, {}, []],
    [{}, { 'kuma.io/display-name': 'a' }, []],
    [{ 'kuma.io/display-name': 'a' }, { 'kuma.io/display-name': 'a' }, []],
    [{ 'kuma.io/display-name': 'a' }, {}, ['is immutable, cannot be removed (was "a")']],
    [
      { 'kuma.io/display-name': 'a' },
      { 'kuma.io/display-name': 'b' },
      ['is immutable, cannot be changed from "a" to "b"'],
    ],
  ])('of the display name from %j to %j', (stored, given, messages) => {
    const { list } = validateLabelChange(meshType, stored, given, context);
    expect(list.map(({ message }) => message)).toEqual(messages);
  });

  it('does not hold what the control plane made without labels against a writer', () => {
    expect(validateLabelChange(dataplaneType, {}, {}, context).empty).toBe(true);
  });
});
