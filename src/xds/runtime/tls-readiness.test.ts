import { describe, expect, it } from 'vitest';
import type { MeshContext, ServiceInstance } from '../../context/mesh-context.ts';
import { encodeInsight } from '../../store/insights/record.ts';
import type { InsightRecord } from '../../store/insights.ts';
import { sameServices, tlsReadyServices } from './tls-readiness.ts';

const instance = (dataplane: string): ServiceInstance => ({
  dataplane,
  address: '10.0.0.1',
  port: 80,
  tags: {},
  ready: true,
});
const context: MeshContext = {
  mesh: 'default',
  revision: 1,
  resources: new Map(),
  services: new Map([
    ['web', [instance('web-1'), instance('web-2')]],
    ['db', [instance('db-1')]],
  ]),
};

function holder(name: string, issuedBackend: string): InsightRecord {
  const time = '2026-01-01T00:00:00Z';
  const mtls = {
    certificateExpirationTime: time,
    lastCertificateRegeneration: time,
    certificateRegenerations: 1,
    issuedBackend,
    supportedBackends: [issuedBackend],
  };
  return { name, version: 1, text: encodeInsight({ subscriptions: [], mtls }, time, time) };
}

describe('tlsReadyServices', () => {
  it.each([
    { what: 'nobody', insights: [], ready: [] },
    { what: 'one of two', insights: [holder('web-1', 'ca')], ready: [] },
    { what: 'all of one service', insights: [holder('db-1', 'ca')], ready: ['db'] },
    { what: 'a certificate of another authority', insights: [holder('db-1', 'old')], ready: [] },
    {
      what: 'everybody',
      insights: [holder('db-1', 'ca'), holder('web-1', 'ca'), holder('web-2', 'ca')],
      ready: ['web', 'db'],
    },
  ])('$what', ({ insights, ready }) => {
    const records = new Map(insights.map((record) => [record.name, record]));
    expect([...tlsReadyServices(context, 'ca', { revision: 1, records })]).toEqual(ready);
  });
});

describe('sameServices', () => {
  it.each([
    { a: undefined, b: undefined, same: true },
    { a: new Set(['x']), b: undefined, same: false },
    { a: new Set(['x', 'y']), b: new Set(['y', 'x']), same: true },
    { a: new Set(['x']), b: new Set(['y']), same: false },
  ])('$a and $b: $same', ({ a, b, same }) => {
    expect(sameServices(a, b)).toBe(same);
  });
});
