import { describe, expect, it } from 'vitest';
import { isKumulusError } from './errors.ts';
import { kri, parseKri } from './kri.ts';

describe('kri', () => {
  it.each([
    ['mt', { mesh: 'demo', name: 'a', labels: {} }, 'kri_mt_demo___a_'],
    ['dp', { mesh: 'demo', name: 'a', labels: { 'kuma.io/zone': 'east' } }, 'kri_dp_demo_east__a_'],
    ['m', { mesh: '', name: 'demo', labels: {} }, 'kri_m____demo_'],
    ['mt', { mesh: 'demo', name: 'a.b', labels: { 'kuma.io/display-name': 'a' } }, 'kri_mt_demo___a_'],
    ['mt', { mesh: 'demo', name: 'a', labels: { 'k8s.kuma.io/namespace': 'ns' } }, 'kri_mt_demo__ns_a_'],
    ['', { mesh: 'demo', name: 'a', labels: {} }, undefined],
  ])('of a type with short name %j and %j is %s', (shortName, resource, expected) => {
    expect(kri({ shortName }, resource)).toBe(expected);
  });

  it('ends with the section', () => {
    expect(kri({ shortName: 'dp' }, { mesh: 'm', name: 'a', labels: {} }, '8080')).toBe('kri_dp_m___a_8080');
  });
});

describe('parseKri', () => {
  it('takes an identifier apart', () => {
    expect(parseKri('kri_dp_demo_east_ns_a_http')).toEqual({
      shortName: 'dp',
      mesh: 'demo',
      zone: 'east',
      namespace: 'ns',
      name: 'a',
      sectionName: 'http',
    });
  });

  it.each([
    ['kri_dp_demo', 'bad request: invalid identifier string: "kri_dp_demo"'],
    ['xri_dp_demo_east_ns_a_', 'bad request: identifier must start with \'kri\': "xri_dp_demo_east_ns_a_"'],
  ])('refuses %s', (text, message) => {
    expect(() => parseKri(text)).toThrow(message);
    try {
      parseKri(text);
    } catch (error) {
      expect(isKumulusError(error, 'bad_request')).toBe(true);
    }
  });
});
