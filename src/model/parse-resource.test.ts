import { describe, expect, it } from 'vitest';
import { parseResource, parseResourceText } from './parse-resource.ts';
import { refusal } from './refusal.case.ts';
import { dataplaneType } from './types/dataplane.ts';
import { meshType } from './types/mesh.ts';
import { secretType } from './types/secret.ts';

const expected = { mesh: 'default', name: 'x' };
const subdomain =
  "invalid characters. A lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
  'start and end with an alphanumeric character';

function dataplane(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    type: 'Dataplane',
    mesh: 'default',
    name: 'x',
    networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'shop' } }] },
    ...members,
  };
}

describe('parseResource', () => {
  it('gives key, labels and spec, without what it does not know', () => {
    const body = dataplane({ labels: { team: 'red' }, colour: 'blue', creationTime: '2026-01-02T03:04:05Z' });
    expect(parseResource(dataplaneType, body, expected)).toEqual({
      key: { type: 'Dataplane', mesh: 'default', name: 'x' },
      labels: { team: 'red' },
      spec: { networking: body.networking },
    });
  });

  it('has no mesh in the key of a global resource', () => {
    const parsed = parseResource(meshType, { type: 'Mesh', name: 'm', mesh: 'm' }, { mesh: '', name: 'm' });
    expect(parsed.key).toEqual({ type: 'Mesh', mesh: '', name: 'm' });
  });

  it.each([
    ['another name', { name: 'y' }, [['name', 'name from the URL has to be the same as in body']]],
    ['another type', { type: 'Mesh' }, [['type', 'type from the URL has to be the same as in body']]],
    ['another mesh', { mesh: 'm' }, [['mesh', 'mesh from the URL has to be the same as in body']]],
    [
      'no mesh',
      { mesh: undefined },
      [
        ['mesh', 'mesh from the URL has to be the same as in body'],
        ['mesh', 'cannot be empty'],
      ],
    ],
    [
      'nothing of all',
      { type: null, mesh: null, name: null },
      [
        ['name', 'name from the URL has to be the same as in body'],
        ['type', 'type from the URL has to be the same as in body'],
        ['mesh', 'mesh from the URL has to be the same as in body'],
        ['name', 'cannot be empty'],
        ['mesh', 'cannot be empty'],
      ],
    ],
    [
      'a zone that is not its own',
      { labels: { 'kuma.io/zone': 'west' } },
      [['labels["kuma.io/zone"]', 'kuma.io/zone label should have default value']],
    ],
    [
      'a mesh that is not its own',
      { labels: { 'kuma.io/mesh': 'm' } },
      [['labels["kuma.io/mesh"]', 'kuma.io/mesh label must not differ from mesh set on resource']],
    ],
    [
      'an unknown origin',
      { labels: { 'kuma.io/origin': 'moon' } },
      [['labels["kuma.io/origin"]', 'unknown resource origin "moon"']],
    ],
  ])('refuses %s', (_, members, violations) => {
    const error = refusal(() => parseResource(dataplaneType, dataplane(members), expected));
    expect([error.code, error.title, error.message]).toEqual([
      'invalid',
      'Could not process a resource',
      'Resource is not valid',
    ]);
    expect(error.violations.map(({ field, message }) => [field, message])).toEqual(violations);
  });

  it.each([
    ['Bad', subdomain],
    ['a_b', subdomain],
    ['-a', subdomain],
    ['a.', subdomain],
    ['n'.repeat(254), 'value length must less or equal 253'],
  ])('refuses the name %s', (name, message) => {
    const error = refusal(() => parseResource(dataplaneType, dataplane({ name }), { ...expected, name }));
    expect(error.violations).toEqual([{ field: 'name', message }]);
  });

  it.each(['a', 'a.b', '0', 'n'.repeat(253)])('takes the name %s', (name) => {
    expect(parseResource(dataplaneType, dataplane({ name }), { ...expected, name }).key.name).toBe(name);
  });

  it('looks at the rules of the type before names', () => {
    const error = refusal(() => parseResource(dataplaneType, { type: 'Dataplane', name: 'y' }, expected));
    expect(error.violations).toEqual([{ field: 'networking', message: 'must be defined' }]);
  });

  it("takes the control plane's own zone as told", () => {
    const body = dataplane({ labels: { 'kuma.io/zone': 'west' } });
    expect(parseResource(dataplaneType, body, { ...expected, zone: 'west' }).labels).toEqual({
      'kuma.io/zone': 'west',
    });
  });

  it.each([
    ['a list', [], 'invalid Dataplane object: "json: cannot unmarshal array into an object"'],
    ['null', null, 'invalid Dataplane object: "json: cannot unmarshal null into an object"'],
    ['a number', 7, 'invalid Dataplane object: "json: cannot unmarshal number into an object"'],
    [
      'a name that is no text',
      { type: 'Dataplane', name: 5 },
      'invalid Dataplane object: "name: json: cannot unmarshal number into Go value of type string"',
    ],
    [
      'labels that are no map',
      { labels: ['a'] },
      'invalid Dataplane object: "labels: json: cannot unmarshal array into Go value of type map[string]json.RawMessage"',
    ],
    [
      'a time that is none',
      { creationTime: 'now' },
      'invalid Dataplane object: "creationTime: Invalid ISO datetime"',
    ],
    [
      'a negative port',
      { networking: { inbound: [{ port: -1 }] } },
      'invalid Dataplane object: "networking.inbound[0].port: json: cannot unmarshal number -1 into Go value of type uint32"',
    ],
  ])('cannot read %s', (_, body, message) => {
    const error = refusal(() => parseResource(dataplaneType, body, expected));
    expect([error.code, error.message]).toEqual(['bad_request', message]);
  });
});

describe('parseResourceText', () => {
  it.each([
    ['', 'invalid Secret object: "unexpected end of JSON input"'],
    ['{"data": "hunter2', 'invalid Secret object: "invalid JSON"'],
    ['type: Secret', 'invalid Secret object: "invalid JSON"'],
    ['{"data":"hunter2!"}', 'invalid Secret object: "data: illegal base64 data"'],
    [`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, 'invalid Secret object: "nested deeper than 64 levels"'],
  ])('refuses %s and tells nothing of a secret', (text, message) => {
    const error = refusal(() => parseResourceText(secretType, text, expected));
    expect([error.code, error.message]).toEqual(['bad_request', message]);
    expect(error.message).not.toContain('hunter2');
  });
});
