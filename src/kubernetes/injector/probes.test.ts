import { describe, expect, it } from 'vitest';
import { containerOf, inject, target } from './inject.fixture.ts';

describe('probes', () => {
  const virtual = { 'kuma.io/application-probe-proxy-port': '0' };
  const probeOf = (annotations: Record<string, string>, readinessProbe: object): unknown => {
    const container = { name: 'app', ports: [{ name: 'http', containerPort: 8080 }], readinessProbe };
    return containerOf(inject({ annotations, spec: { containers: [container] } }), 'app')?.readinessProbe;
  };
  const header = (name: string, value: string) => ({ name: `X-Kuma-Probes-${name}`, value });

  it.each<[string, Record<string, string>, object, object]>([
    [
      'over HTTP go to the proxy',
      {},
      { httpGet: { path: 'ready', port: 'http' }, periodSeconds: 3 },
      { httpGet: { path: '/8080/ready', port: 9001 }, periodSeconds: 3 },
    ],
    [
      'over HTTP keep what they say in headers',
      {},
      {
        httpGet: {
          path: '/ready',
          port: 80,
          scheme: 'HTTPS',
          httpHeaders: [
            { name: 'A', value: '1' },
            { name: 'Host', value: 'shop' },
          ],
        },
        timeoutSeconds: 5,
      },
      {
        httpGet: {
          path: '/80/ready',
          port: 9001,
          httpHeaders: [
            { name: 'A', value: '1' },
            header('Host', 'shop'),
            header('Scheme', 'HTTPS'),
            header('Timeout', '5'),
          ],
        },
        timeoutSeconds: 5,
      },
    ],
    [
      'over TCP go to the proxy',
      {},
      { tcpSocket: { port: 'http' }, timeoutSeconds: 2 },
      {
        httpGet: { path: '/tcp/8080', port: 9001, httpHeaders: [header('Timeout', '2')] },
        timeoutSeconds: 2,
      },
    ],
    [
      'over gRPC go to the proxy',
      {},
      { grpc: { port: 50_051, service: 'orders' } },
      { httpGet: { path: '/grpc/50051', port: 9001, httpHeaders: [header('GRPC-Service', 'orders')] } },
    ],
    ['that run a command stay', {}, { exec: { command: ['true'] } }, { exec: { command: ['true'] } }],
    [
      'become virtual where the proxy is off',
      virtual,
      { httpGet: { path: '/ready', port: 'http', scheme: 'HTTPS' } },
      { httpGet: { path: '/8080/ready', port: 9000, scheme: 'HTTPS' } },
    ],
    ['over TCP never become virtual', virtual, { tcpSocket: { port: 80 } }, { tcpSocket: { port: 80 } }],
    [
      'of a gateway stay',
      { 'kuma.io/gateway': 'enabled' },
      { httpGet: { path: '/ready', port: 80 } },
      { httpGet: { path: '/ready', port: 80 } },
    ],
  ])('%s', (_, annotations, probe, expected) => {
    expect(probeOf(annotations, probe)).toEqual(expected);
  });

  it('are those of init containers, too, where they stay and start after the sidecar', () => {
    const readinessProbe = { tcpSocket: { port: 80 } };
    const initContainers = [
      { name: 'once', readinessProbe },
      { name: 'stays', restartPolicy: 'Always', readinessProbe },
    ];
    const pod = inject({ spec: { initContainers } }, { ...target, sidecarContainers: true });
    expect(containerOf(pod, 'once')?.readinessProbe).toEqual(readinessProbe);
    expect(containerOf(pod, 'stays')?.readinessProbe).toEqual({ httpGet: { path: '/tcp/80', port: 9001 } });
  });
});
