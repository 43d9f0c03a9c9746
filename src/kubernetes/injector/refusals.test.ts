import { describe, expect, it } from 'vitest';
import { inject, type PodParts, target } from './inject.fixture.ts';

describe('what cannot be injected is refused, with the field', () => {
  const annotated = (name: string) => `metadata.annotations["kuma.io/${name}"]`;

  it.each<[string, PodParts, string, string]>([
    [
      'a label that is neither enabled nor disabled',
      { labels: { 'kuma.io/sidecar-injection': 'maybe' } },
      'metadata.labels["kuma.io/sidecar-injection"]',
      'annotation "kuma.io/sidecar-injection" has wrong value "maybe"',
    ],
    [
      'a mesh that there is not',
      { labels: { 'kuma.io/mesh': 'none' } },
      'metadata.labels["kuma.io/mesh"]',
      'there is no mesh "none" for the pod to join',
    ],
    [
      'a container that runs as the sidecar',
      { spec: { containers: [{ name: 'app', securityContext: { runAsUser: 5678 } }, { name: 'other' }] } },
      'spec.containers[0].securityContext.runAsUser',
      'containers using same UID as sidecar is unsupported: ["app"]',
    ],
    [
      'a volume that there is not',
      { annotations: { 'kuma.io/service-account-token-volume': 'token' } },
      annotated('service-account-token-volume'),
      'volume (token) specified for kuma.io/service-account-token-volume but volume does not exist in pod spec',
    ],
    [
      'a patch that there is not',
      { annotations: { 'kuma.io/container-patches': 'one,two' } },
      annotated('container-patches'),
      'it appears some expected container patches are missing: ["one" "two"]',
    ],
    [
      'a gateway with virtual probes',
      { annotations: { 'kuma.io/gateway': 'enabled', 'kuma.io/virtual-probes': 'enabled' } },
      annotated('virtual-probes'),
      "virtual probes can't be enabled in gateway mode",
    ],
    [
      'a gateway with a proxy of probes',
      { annotations: { 'kuma.io/gateway': 'enabled', 'kuma.io/application-probe-proxy-port': '9001' } },
      annotated('application-probe-proxy-port'),
      "application probe proxies probes can't be enabled in gateway mode",
    ],
    ...[
      ['sidecar-drain-time', '7d', 'time: unknown unit "d" in duration "7d"'],
      [
        'sidecar-env-vars',
        'A',
        'invalid format. Map in "kuma.io/sidecar-env-vars" has to be provided in the following format: key1=value1;key2=value2',
      ],
      ['gateway', 'builtin', 'annotation "kuma.io/gateway" has wrong value "builtin"'],
      ['init-first', 'x', 'annotation "kuma.io/init-first" has wrong value "x"'],
      ['builtin-dns', 'x', 'annotation "kuma.io/builtin-dns" has wrong value "x"'],
      ['wait-for-dataplane-ready', 'x', 'annotation "kuma.io/wait-for-dataplane-ready" has wrong value "x"'],
      [
        'transparent-proxying-ebpf',
        'x',
        'annotation "kuma.io/transparent-proxying-ebpf" has wrong value "x"',
      ],
    ].map(([name = '', value = '', message = '']): [string, PodParts, string, string] => [
      `${name}: ${value}`,
      { annotations: { [`kuma.io/${name}`]: value } },
      annotated(name),
      message,
    ]),
  ])('%s', (_, parts, field, message) => {
    const without = { ...target, hasMesh: (name: string) => name === 'default' };
    expect(() => inject(parts, without)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message,
        violations: [expect.objectContaining({ field })],
      }),
    );
  });

  it.each([80, 'http', '80'])('a probe of the port %j at which probes are served', (port) => {
    const container = {
      name: 'app',
      ports: [{ name: 'http', containerPort: 80 }],
      readinessProbe: { httpGet: { port } },
    };
    const parts = { annotations: { 'kuma.io/application-probe-proxy-port': '80' } };
    expect(() => inject({ ...parts, spec: { containers: [container] } })).toThrow(
      "cannot override Pod's probes. Port for probe cannot be set to 80.",
    );
  });
});
