import { expect, it } from 'vitest';
import { refusal } from '../../model/refusal.case.ts';
import { ownerWith, podWith } from './objects.fixture.ts';
import { ownerNameOf } from './owner-name.ts';

const owners = {
  replicaSets: [
    ownerWith('plain'),
    ownerWith('deployed', ['Rollout', 'r'], ['Deployment', 'carts']),
    ownerWith('rolled', ['Rollout', 'r']),
  ],
  jobs: [ownerWith('once'), ownerWith('nightly-1', ['CronJob', 'nightly'])],
};

it.each([
  ['nothing', [], 'Pod cart-0'],
  ['a ReplicaSet of its own', [['ReplicaSet', 'plain']], 'ReplicaSet plain'],
  ['a ReplicaSet of a Deployment', [['ReplicaSet', 'deployed']], 'Deployment carts'],
  ['a ReplicaSet of something else', [['ReplicaSet', 'rolled']], 'Pod cart-0'],
  [
    'that and a DaemonSet',
    [
      ['ReplicaSet', 'rolled'],
      ['DaemonSet', 'd'],
    ],
    'DaemonSet d',
  ],
  ['a Job', [['Job', 'once']], 'Job once'],
  ['a Job of a CronJob', [['Job', 'nightly-1']], 'CronJob nightly'],
  [
    'a StatefulSet',
    [
      ['StatefulSet', 's'],
      ['ReplicaSet', 'deployed'],
    ],
    'StatefulSet s',
  ],
])('a pod owned by %s is named after it: %j, %s', (_, references, expected) => {
  const ownerReferences = references.map(([kind, name]) => ({ kind, name }));
  const { kind, name } = ownerNameOf(podWith({ metadata: { ownerReferences } }), owners);
  expect(`${kind} ${name}`).toBe(expected);
});

it.each([
  ['ReplicaSet', 'gone'],
  // One of that name is there, but it is a Job.
  ['ReplicaSet', 'once'],
  ['Job', 'plain'],
])('refuses a pod whose %s %s is not told', (kind, name) => {
  const pod = podWith({ metadata: { ownerReferences: [{ kind, name }] } });
  const error = refusal(() => ownerNameOf(pod, owners));
  expect([error.code, error.message]).toEqual(['not_found', `${kind} "shop/${name}" not found`]);
});

it('does not take an owner of another namespace', () => {
  const pod = podWith({
    metadata: { namespace: 'other', ownerReferences: [{ kind: 'ReplicaSet', name: 'plain' }] },
  });
  expect(refusal(() => ownerNameOf(pod, owners)).code).toBe('not_found');
});
