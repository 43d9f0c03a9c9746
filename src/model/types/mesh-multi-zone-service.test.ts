import { describe, expect, it } from 'vitest';
import { parse, verdict } from '../spec.case.ts';
import { meshMultiZoneServiceType } from './mesh-multi-zone-service.ts';

const selector = { meshService: { matchLabels: { a: 'b' } } };
const protocols = 'appProtocol must be one of: grpc, http, http2, kafka, tcp';

describe('a MeshMultiZoneService', () => {
  it.each([
    { selector, ports: [{ port: 80 }] },
    { selector, ports: [{ port: -1, name: 'a', appProtocol: 'kafka' }] },
  ])('may be %j', (spec) => {
    expect(verdict(meshMultiZoneServiceType, spec)).toEqual([]);
  });

  it.each([
    [
      {},
      [
        ['spec.selector', 'in body is required'],
        ['spec.ports', 'in body is required'],
      ],
    ],
    [{ selector, ports: [] }, [['spec.ports', 'in body should have at least 1 items']]],
    [{ selector: {}, ports: [{ port: 1 }] }, [['spec.selector.meshService', 'in body is required']]],
    [
      { selector: { meshService: {} }, ports: [{ port: 1 }] },
      [['spec.selector.meshService.matchLabels', 'cannot be empty']],
    ],
    [
      {
        selector: { meshService: { matchLabels: {} } },
        ports: [
          { port: 1, name: '', appProtocol: 'smoke' },
          { port: 0, appProtocol: '' },
          { port: 1, appProtocol: 'HTTP' },
        ],
      },
      [
        ['spec.selector.meshService.matchLabels', 'cannot be empty'],
        ['spec.ports[0].name', 'must not be empty'],
        ['spec.ports[0].appProtocol', protocols],
        ['spec.ports[1].appProtocol', protocols],
        ['spec.ports[2].appProtocol', protocols],
      ],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(meshMultiZoneServiceType, spec)).toEqual(expected);
  });

  it('is TCP unless told', () => {
    expect(parse(meshMultiZoneServiceType, { selector, ports: [{ port: 80 }] })).toStrictEqual({
      selector,
      ports: [{ port: 80, appProtocol: 'tcp' }],
    });
  });
});
