import { describe, expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { readAnnotations } from '../annotations.ts';
import { podWith } from './objects.fixture.ts';
import { probesOf } from './probes.ts';

const on = { 'kuma.io/virtual-probes': 'enabled', 'kuma.io/virtual-probes-port': '9100' };
const proxied = { ...on, 'kuma.io/application-probe-proxy-port': '9001' };

function http(path: string, port: number | string = 9100) {
  return { httpGet: { path, port } };
}

function probes(spec: object, annotations: Readonly<Record<string, string>> = on) {
  return probesOf(podWith({ spec, annotations }), readAnnotations(annotations));
}

function paths(spec: object) {
  return probes(spec)?.endpoints?.map(({ path }) => path);
}

it.each([
  ['no word', {}],
  ['a no', { ...on, 'kuma.io/virtual-probes': 'disabled' }],
])('are off by %s', (_, annotations) => {
  expect(probes({ containers: [{ livenessProbe: http('/x', 1) }] }, annotations)).toBeUndefined();
});

it('tells what stands behind each probe, by container', () => {
  const containers = [
    { name: 'a', startupProbe: http('/81/s'), livenessProbe: http('/80/l'), readinessProbe: http('/80/') },
    { name: 'kuma-sidecar', livenessProbe: http('/ready', 9901) },
    { name: 'b', livenessProbe: { exec: {} }, readinessProbe: http('/82') },
  ];
  expect(probes({ containers })).toEqual({
    port: 9100,
    endpoints: [
      { inboundPort: 80, inboundPath: '/l', path: '/80/l' },
      { inboundPort: 80, inboundPath: '/', path: '/80/' },
      { inboundPort: 81, inboundPath: '/s', path: '/81/s' },
      { inboundPort: 82, inboundPath: '/', path: '/82' },
    ],
  });
});

it('takes the ports as text', () => {
  expect(probes({ containers: [{ livenessProbe: http('/80/a/b?c', '9100') }] })?.endpoints).toEqual([
    { inboundPort: 80, inboundPath: '/a/b?c', path: '/80/a/b?c' },
  ]);
});

it('of init containers takes those that stay and start after the sidecar', () => {
  const initContainers = [
    { name: 'before', restartPolicy: 'Always', livenessProbe: http('/1/before') },
    { name: 'kuma-sidecar', restartPolicy: 'Always', livenessProbe: http('/ready', 9901) },
    { name: 'once', livenessProbe: http('/1/once') },
    { name: 'after', restartPolicy: 'Always', livenessProbe: http('/1/after') },
  ];
  const containers = [{ name: 'main', livenessProbe: http('/1/main') }];
  expect(paths({ initContainers, containers })).toEqual(['/1/after', '/1/main']);
  expect(paths({ initContainers: initContainers.slice(2), containers })).toEqual(['/1/main']);
});

describe('beside the proxy of probes', () => {
  it('are those that lead there', () => {
    const containers = [
      {
        livenessProbe: http('/80/l', 9001),
        readinessProbe: http('/tcp/80', 9001),
        startupProbe: http('/grpc/80', 9001),
      },
    ];
    expect(probes({ containers }, proxied)?.endpoints).toEqual([
      { inboundPort: 80, inboundPath: '/l', path: '/80/l' },
    ]);
  });

  it('counts no port where it is off', () => {
    const off = { ...on, 'kuma.io/application-probe-proxy-port': '0' };
    const containers = [{ livenessProbe: { httpGet: { path: '/80/l' } } }];
    expect(refusal(() => probes({ containers }, off)).message).toMatch(/port 0 should be equal/);
  });
});

it.each([
  ['another port', http('/80/l', 80), "probe's port 80 should be equal to virtual port 9100"],
  ['a port by name', http('/80/l', 'api'), "probe's port 0 should be equal to virtual port 9100"],
  ['a path from nowhere', http('80/l'), "not enough segments in probe's path"],
  ['no path', http(''), "not enough segments in probe's path"],
  ['a path without a port', http('/health'), 'invalid port value health'],
  ['a negative port', http('/-80/l'), 'invalid port value -80'],
])('refuses a probe with %s', (_, livenessProbe, reason) => {
  const error = refusal(() => probes({ containers: [{ name: 'cart', livenessProbe }] }));
  const message = `unable to convert virtual probe to real: ${reason}`;
  expect(error).toMatchObject({ code: 'invalid', message });
  expect(error.violations).toEqual([{ field: 'spec.containers[0].livenessProbe', message }]);
});

it.each([
  ['kuma.io/virtual-probes', 'on', 'annotation "kuma.io/virtual-probes" has wrong value "on"'],
  ['kuma.io/virtual-probes-port', undefined, "kuma.io/virtual-probes-port annotation doesn't exist"],
])('refuses %s: %s', (name, value, message) => {
  const { [name]: _, ...others }: Record<string, string> = on;
  const annotations = { ...others, ...(value !== undefined && { [name]: value }) };
  expect(refusal(() => probes({}, annotations))).toMatchObject({ code: 'invalid', message });
});
