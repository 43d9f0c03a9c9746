import { expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { metricsOf } from './metrics.ts';

const prefix = 'prometheus.metrics.kuma.io/';
const aggregate = (name: string, member: string) => `${prefix}aggregate-${name}-${member}`;

it.each([
  ['nothing', {}, undefined],
  ['an empty path', { [`${prefix}path`]: '' }, undefined],
  ['a path', { [`${prefix}path`]: '/stats' }, { path: '/stats' }],
  ['a port', { [`${prefix}port`]: '0' }, {}],
  [
    'applications, in the order of names',
    {
      [aggregate('b-2', 'port')]: '81',
      [aggregate('b-2', 'path')]: '/b',
      [aggregate('b-2', 'address')]: 'localhost',
      [aggregate('a', 'port')]: '80',
      [`${prefix}port`]: '5670',
    },
    {
      port: 5670,
      aggregate: [
        { name: 'a', path: '/metrics', port: 80, enabled: true },
        { name: 'b-2', path: '/b', port: 81, enabled: true, address: 'localhost' },
      ],
    },
  ],
  [
    'an application that is off, which needs no port',
    { [aggregate('a', 'enabled')]: 'no' },
    { aggregate: [{ name: 'a', path: '/metrics', enabled: false }] },
  ],
  ['an address alone', { [aggregate('a', 'address')]: 'localhost' }, undefined],
])('%s', (_, annotations, conf) => {
  expect(metricsOf(annotations)).toEqual(conf === undefined ? undefined : { type: 'prometheus', conf });
});

it.each([
  ['a port that is none', `${prefix}port`, '-1', /^failed to parse annotation/],
  ['a switch that is none', aggregate('a', 'enabled'), 'perhaps', /has wrong value "perhaps"$/],
  ['an application without a port', aggregate('a', 'path'), '/a', /^port needs to be specified/],
])('refuses %s', (_, name, value, message) => {
  const error = refusal(() => metricsOf({ [name]: value }));
  expect(error.code).toBe('invalid');
  expect(error.message).toMatch(message);
  expect(error.violations[0]?.field).toContain(prefix);
});
