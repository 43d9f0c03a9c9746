import { expect, it } from 'vitest';
import { podWith, serviceWith } from './objects.fixture.ts';
import { endpointSliceSchema, readObject, type Service } from './objects.ts';
import { servicesOfPod } from './services-of-pod.ts';

const pod = podWith({ labels: { app: 'cart', revision: '2' } });
const app = { app: 'cart' };

function names(services: readonly Service[], search = {}) {
  return servicesOfPod(pod, services, search).map(({ metadata }) => metadata.name);
}

function named(name: string, selector: object, metadata = {}) {
  return serviceWith({ selector }, { name, ...metadata });
}

it('are those that select the pod, in the order of names', () => {
  const services = [
    named('c', app),
    named('b', { app: 'cart', revision: '1' }),
    named('a', { app: 'cart', revision: '2' }),
    named('d', { zone: '' }),
    named('e', app, { namespace: 'other' }),
  ];
  expect(names(services)).toEqual(['a', 'c']);
});

it.each([
  ['yes', []],
  ['enabled', []],
  ['no', ['a']],
  // What is no switch does not lose a service.
  ['perhaps', ['a']],
])('with kuma.io/ignore: %s are %j', (ignore, expected) => {
  expect(names([named('a', app, { annotations: { 'kuma.io/ignore': ignore } })])).toEqual(expected);
});

it('are found without labels that are not to count', () => {
  const services = [named('a', { app: 'cart', revision: '1' })];
  expect(names(services, { ignoredServiceSelectorLabels: ['revision'] })).toEqual(['a']);
});

it('without a selector are those whose endpoints name the pod', () => {
  const slice = (service: string, namespace: string, uid: string) =>
    readObject(endpointSliceSchema, 'EndpointSlice', {
      metadata: { namespace, labels: { 'kubernetes.io/service-name': service } },
      endpoints: [{ targetRef: { uid: 'other' } }, {}, { targetRef: { uid } }],
    });
  const endpointSlices = [
    slice('a', 'shop', 'pod-uid'),
    slice('b', 'shop', 'another-uid'),
    slice('c', 'other', 'pod-uid'),
  ];
  const services = ['a', 'b', 'c'].map((name) => named(name, {}));
  expect(names(services, { endpointSlices })).toEqual(['a']);
  expect(names(services)).toEqual([]);
  // What has no identity is nobody's, although it reads the same.
  const unknown = podWith({ metadata: { uid: '' } });
  expect(servicesOfPod(unknown, services, { endpointSlices })).toEqual([]);
});
