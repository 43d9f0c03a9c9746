import { describe, expect, it } from 'vitest';
import type { ParsedResource } from './parse-resource.ts';
import { refusal } from './refusal.case.ts';
import { sameContent } from './same-content.ts';
import { type DataplaneSpec, dataplaneType } from './types/dataplane.ts';
import { type MeshSpec, meshType } from './types/mesh.ts';
import { prepareWrite, requireValid } from './write-resource.ts';

const spec: DataplaneSpec = {
  networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'shop' } }] },
};
const key = { type: 'Dataplane', mesh: 'demo', name: 'x' };
const times = { creationTime: 'TIME', modificationTime: 'TIME', version: 1 };
const zone = { zone: 'east' };

function parsed(labels: Readonly<Record<string, string>> = {}): ParsedResource<DataplaneSpec> {
  return { key, labels, spec };
}

function mesh(name: string, meshSpec: MeshSpec): ParsedResource<MeshSpec> {
  return { key: { type: 'Mesh', mesh: '', name }, labels: {}, spec: meshSpec };
}

describe('prepareWrite', () => {
  it('fills in the zone and the labels', () => {
    const written = prepareWrite(dataplaneType, parsed({ team: 'red' }), undefined, zone);
    expect(written).toMatchObject({
      ...key,
      labels: { team: 'red', 'kuma.io/mesh': 'demo', 'kuma.io/zone': 'east' },
    });
    expect(written.spec.networking?.inbound?.[0]?.tags).toEqual({
      'kuma.io/service': 'shop',
      'kuma.io/zone': 'east',
    });
  });

  it('gives the same again for what is stored', () => {
    const first = prepareWrite(dataplaneType, parsed(), undefined, zone);
    const second = prepareWrite(dataplaneType, parsed(), { ...first, ...times }, zone);
    expect(sameContent(first, second)).toBe(true);
    expect(sameContent(first, { ...second, labels: {} })).toBe(false);
    expect(sameContent(first, { ...second, spec: {} })).toBe(false);
  });

  it('refuses to change labels that never change', () => {
    const stored = { ...prepareWrite(dataplaneType, parsed(), undefined, zone), ...times };
    const error = refusal(() =>
      prepareWrite(dataplaneType, parsed({ 'kuma.io/origin': 'global' }), stored, zone),
    );
    expect([error.code, error.title]).toEqual(['invalid', 'Could not update a resource']);
    expect(error.violations).toHaveLength(2);
  });

  it('does not keep the origin that a new resource claims', () => {
    const written = prepareWrite(dataplaneType, parsed({ 'kuma.io/origin': 'global' }), undefined, zone);
    expect(written.labels['kuma.io/origin']).toBe('zone');
  });

  it.each(['good-one', ''])('takes the workload %j', (workload) => {
    const written = prepareWrite(dataplaneType, parsed({ 'kuma.io/workload': workload }), undefined, zone);
    expect(written.labels['kuma.io/workload']).toBe(workload);
  });

  it.each([
    [
      '9lives',
      /^bad request: labels\["kuma.io\/workload"\]: must be a valid DNS-1035 label .*: a DNS-1035 label must/,
    ],
    ['w'.repeat(64), /: must be no more than 63 bytes$/],
  ])('refuses the workload %s of a new proxy', (workload, message) => {
    const error = refusal(() =>
      prepareWrite(dataplaneType, parsed({ 'kuma.io/workload': workload }), undefined, zone),
    );
    expect(error.code).toBe('bad_request');
    expect(error.message).toMatch(message);
  });

  it('tells whether it could not create or not update a mesh', () => {
    const unknown: MeshSpec = { mtls: { backends: [{ name: 'a', type: 'vault-of-mine' }] } };
    const stored = { type: 'Mesh', mesh: '', name: 'm', labels: {}, spec: {}, ...times };
    expect(refusal(() => prepareWrite(meshType, mesh('m', unknown), undefined, zone)).title).toBe(
      'Failed to create a resource',
    );
    expect(refusal(() => prepareWrite(meshType, mesh('m', unknown), stored, zone)).title).toBe(
      'Failed to update a resource',
    );
  });
});

it('requires a resource without a request of its own to keep the rules of its type', () => {
  expect(() => requireValid(dataplaneType, { ...key, labels: {}, spec })).not.toThrow();
  expect(refusal(() => requireValid(dataplaneType, { ...key, labels: {}, spec: {} })).violations).toEqual([
    { field: 'networking', message: 'must be defined' },
  ]);
});
