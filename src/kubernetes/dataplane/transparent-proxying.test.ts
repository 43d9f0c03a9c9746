import { describe, expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { readAnnotations } from '../annotations.ts';
import { transparentProxyingOf } from './transparent-proxying.ts';

const on = {
  'kuma.io/transparent-proxying': 'enabled',
  'kuma.io/transparent-proxying-inbound-port': '15006',
  'kuma.io/transparent-proxying-outbound-port': '15001',
};
const ports = { redirectPortInbound: 15_006, redirectPortOutbound: 15_001 };
const config = { 'traffic.kuma.io/transparent-proxy-config': 'redirect: {}' };
const family = 'kuma.io/transparent-proxying-ip-family-mode';
const reachable = 'kuma.io/transparent-proxying-reachable-services';
const backends = 'kuma.io/reachable-backends';

function read(annotations: Readonly<Record<string, string>>) {
  return transparentProxyingOf(readAnnotations(annotations));
}

it.each([
  ['off', {}, undefined],
  ['switched off, whatever else there is', { ...on, 'kuma.io/transparent-proxying': 'no' }, undefined],
  ['on', on, { ...ports, ipFamilyMode: 'DualStack' }],
  ['IPv4 alone', { ...on, [family]: 'ipv4' }, { ...ports, ipFamilyMode: 'IPv4' }],
  ['both families', { ...on, [family]: 'dualstack' }, { ...ports, ipFamilyMode: 'DualStack' }],
  [
    'on, without a word',
    {
      ...on,
      'kuma.io/transparent-proxying-inbound-port': '0',
      'kuma.io/transparent-proxying-outbound-port': '0',
      [family]: '',
    },
    undefined,
  ],
  ['configured elsewhere', config, undefined],
  ['configured by nothing', { 'traffic.kuma.io/transparent-proxy-config': '' }, undefined],
  [
    'configured elsewhere, with what it sends to',
    { ...config, [reachable]: 'a,,b', 'kuma.io/direct-access-services': '*' },
    { reachableServices: ['a', 'b'], directAccessServices: ['*'] },
  ],
  ['with empty lists', { ...config, [reachable]: ',', 'kuma.io/direct-access-services': '' }, undefined],
])('%s', (_, annotations, expected) => {
  expect(read(annotations)).toEqual(expected);
});

describe('reachable backends', () => {
  const ref = { kind: 'MeshService', name: 'cart', namespace: '', labels: {} };
  it.each([
    ['none', '{}', []],
    ['nothing', '', []],
    ['null', 'refs: null', []],
    ['JSON', '{"refs":[{"kind":"MeshService","name":"cart","port":80}]}', [{ ...ref, port: 80 }]],
    ['YAML', 'refs:\n- {kind: MeshService, name: cart, other: x}\n', [ref]],
    [
      'numbers for text',
      'refs: [{kind: MeshService, name: 7, labels: {version: 1}}]',
      [{ ...ref, name: '7', labels: { version: '1' } }],
    ],
  ])('%s', (_, text, refs) => {
    expect(read({ ...config, [backends]: text })).toEqual({ reachableBackends: { refs } });
  });

  it.each([
    ['text', 'cart'],
    ['a list', '[]'],
    ['refs that are none', 'refs: {}'],
    ['a ref that is none', 'refs: [null]'],
    ['a port that is none', 'refs: [{kind: MeshService, port: "80"}]'],
    ['a negative port', 'refs: [{kind: MeshService, port: -1}]'],
    ['broken YAML', 'refs: ['],
    ['YAML without end', `refs: # ${'x'.repeat(10_000)}`],
  ])('refuses %s', (_, text) => {
    const error = refusal(() => read({ ...config, [backends]: text }));
    expect(error).toMatchObject({
      code: 'invalid',
      message: 'cannot parse, kuma.io/reachable-backends has invalid format',
      violations: [{ field: 'metadata.annotations["kuma.io/reachable-backends"]' }],
    });
  });
});

it.each([
  ['kuma.io/transparent-proxying', 'on', 'annotation "kuma.io/transparent-proxying" has wrong value "on"'],
  [
    'kuma.io/transparent-proxying-inbound-port',
    undefined,
    'transparent proxying inbound port has to be set in transparent mode',
  ],
  [
    'kuma.io/transparent-proxying-outbound-port',
    undefined,
    'transparent proxying outbound port has to be set in transparent mode',
  ],
  [
    'kuma.io/transparent-proxying-outbound-port',
    'x',
    'failed to parse annotation "kuma.io/transparent-proxying-outbound-port": strconv.ParseUint: parsing "x": invalid syntax',
  ],
  [family, 'ipv6', "invalid ip family mode 'ipv6'"],
  [family, 'toString', "invalid ip family mode 'toString'"],
])('refuses %s: %s', (name, value, message) => {
  const others = Object.entries(on).filter(([other]) => other !== name);
  const annotations = { ...Object.fromEntries(others), ...(value !== undefined && { [name]: value }) };
  const error = refusal(() => read(annotations));
  expect(error).toMatchObject({ code: 'invalid', message });
  expect(error.violations).toEqual([{ field: `metadata.annotations["${name}"]`, message }]);
});
