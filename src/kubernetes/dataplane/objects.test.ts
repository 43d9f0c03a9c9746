import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKumulusError } from '../../model/errors.ts';
import { refusal } from '../../model/refusal.case.ts';
import { dataplaneOfPod } from './dataplane-of-pod.ts';
import { podSchema, readObject, serviceSchema } from './objects.ts';

describe('readObject', () => {
  it('takes nulls and what is missing for empty', () => {
    const empty = readObject(podSchema, 'Pod', {});
    const nulls = { metadata: { labels: null, annotations: null }, spec: { containers: null }, status: null };
    expect(readObject(podSchema, 'Pod', nulls)).toEqual(empty);
    expect(empty.metadata.labels).toEqual({});
    expect(empty.spec.containers).toEqual([]);
    expect(empty.status.podIP).toBe('');
  });

  it('takes numbers and booleans for text, as manifests have them', () => {
    const { metadata } = readObject(podSchema, 'Pod', {
      metadata: { labels: { a: 1, b: true, c: null }, annotations: { 'kuma.io/envoy-admin-port': 9901 } },
    });
    expect(metadata.labels).toEqual({ a: '1', b: 'true', c: '' });
    expect(metadata.annotations).toEqual({ 'kuma.io/envoy-admin-port': '9901' });
  });

  it.each([
    ['no object', [], ': '],
    ['a list of ports that is none', { spec: { containers: [{ ports: {} }] } }, 'spec.containers[0].ports: '],
    [
      'a port beyond all ports',
      { spec: { containers: [{ ports: [{ containerPort: 70_000 }] }] } },
      'spec.containers[0].ports[0].containerPort: ',
    ],
    ['an object where text belongs', { metadata: { labels: { a: {} } } }, 'metadata.labels.a: '],
  ])('refuses %s, and names the field', (_, document, field) => {
    const error = refusal(() => readObject(podSchema, 'Pod', document));
    expect(error.code).toBe('bad_request');
    expect(error.message.startsWith(`invalid Pod object: "${field}`)).toBe(true);
  });
});

describe('whatever Kubernetes could hand over', () => {
  const word = fc.constantFrom('', 'a', 'kuma.io/gateway', 'enabled', '8080', '/8080/x', 'None', '__proto__');
  const port = fc.oneof(fc.integer({ min: -1, max: 70_000 }), word);
  const annotations = fc.dictionary(
    fc.constantFrom(
      'kuma.io/gateway',
      'kuma.io/virtual-probes',
      'kuma.io/virtual-probes-port',
      'kuma.io/transparent-proxying',
      'kuma.io/transparent-proxying-inbound-port',
      'kuma.io/transparent-proxying-outbound-port',
      'kuma.io/reachable-backends',
      'kuma.io/envoy-admin-port',
      'prometheus.metrics.kuma.io/port',
      'prometheus.metrics.kuma.io/aggregate-a-port',
    ),
    fc.oneof(
      fc.constantFrom('enabled', 'provided', '1', '4294967295', '{"refs":[{"port":-1}]}', '- a', 'refs: [a]'),
      fc.string(),
    ),
  );
  const pod = fc.record({
    metadata: fc.record({ name: word, namespace: word, labels: fc.dictionary(word, word), annotations }),
    spec: fc.record({
      containers: fc.array(
        fc.record({
          name: word,
          ports: fc.array(fc.record({ name: word, containerPort: port }), { maxLength: 2 }),
          livenessProbe: fc.record({ httpGet: fc.record({ path: word, port }) }),
        }),
        { maxLength: 2 },
      ),
    }),
    status: fc.record({ podIP: word }),
  });
  const service = fc.record({
    metadata: fc.record({ name: word, namespace: word, annotations: fc.dictionary(word, word) }),
    spec: fc.record({
      clusterIP: word,
      selector: fc.dictionary(word, word),
      ports: fc.array(fc.record({ port, targetPort: port, appProtocol: word }), { maxLength: 2 }),
    }),
  });

  it('becomes a Dataplane or is refused in words', () => {
    fc.assert(
      fc.property(pod, fc.array(service, { maxLength: 2 }), (podDocument, serviceDocuments) => {
        try {
          const services = serviceDocuments.map((one) => readObject(serviceSchema, 'Service', one));
          const mesh = { name: 'demo', spec: {} };
          const made = dataplaneOfPod(readObject(podSchema, 'Pod', podDocument), {
            mesh,
            services,
            zone: 'z',
          });
          expect(made.spec.networking).toBeDefined();
        } catch (error) {
          expect(isKumulusError(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
