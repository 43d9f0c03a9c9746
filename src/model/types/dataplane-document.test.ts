import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.case.ts';
import { maxDataplaneDocumentBytes, parseDataplaneDocument } from './dataplane-document.ts';

const document = {
  type: 'Dataplane',
  mesh: 'demo',
  name: 'x',
  labels: { team: 'red' },
  networking: { address: '10.0.0.1', inbound: [{ port: 80, tags: { 'kuma.io/service': 'shop' } }] },
};
const yaml = `
type: Dataplane
mesh: demo
name: x
labels: { team: red }
networking:
  address: 10.0.0.1
  inbound: # one port
    - port: 80
      tags:
        kuma.io/service: shop
`;

describe('parseDataplaneDocument', () => {
  it.each([
    ['JSON', JSON.stringify(document)],
    ['YAML', yaml],
    [
      'YAML in braces',
      '{type: Dataplane, mesh: demo, name: x, labels: {team: red}, networking: {address: 10.0.0.1, inbound: [{port: 80, tags: {kuma.io/service: shop}}]}}',
    ],
    [
      'YAML with an alias',
      `x-address: &address 10.0.0.1${yaml.replace('address: 10.0.0.1', 'address: *address')}`,
    ],
  ])('reads %s', (_, text) => {
    expect(parseDataplaneDocument(text)).toEqual({
      key: { type: 'Dataplane', mesh: 'demo', name: 'x' },
      labels: { team: 'red' },
      spec: { networking: document.networking },
    });
  });

  const bomb = [
    'a: &a [x, x, x]',
    ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
  ].join('\n');
  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['broken YAML', 'a: [b'],
    ['aliases without end', bomb],
    ['depth without end', `type: Dataplane\na: ${'['.repeat(100_000)}`],
    ['too much', JSON.stringify({ ...document, comment: 'x'.repeat(maxDataplaneDocumentBytes) })],
    [
      'depth',
      JSON.stringify({ ...document, metrics: JSON.parse(`${'{"a":'.repeat(80)}1${'}'.repeat(80)}`) }),
    ],
    ['a wrong type of a member', JSON.stringify({ ...document, networking: [] })],
    ['another type of resource', JSON.stringify({ ...document, type: 'Mesh' })],
    ['several documents', `${yaml}---${yaml}`],
  ])('refuses %s', (_, text) => {
    expect(refusal(() => parseDataplaneDocument(text)).code).toBe('bad_request');
  });

  it('tells of all violations', () => {
    const error = refusal(() =>
      parseDataplaneDocument('{"type":"Dataplane","name":"A","networking":{"address":"a"}}'),
    );
    expect(error.code).toBe('invalid');
    expect(error.violations.map(({ field }) => field)).toEqual(['name', 'mesh', 'networking']);
  });
});
