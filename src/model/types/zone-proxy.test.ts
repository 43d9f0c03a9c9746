import { describe, expect, it } from 'vitest';
import { zoneEgressType, zoneIngressType } from './zone-proxy.ts';

const context = { mesh: '', name: 'zone-proxy', labels: {} };

function violations(type: typeof zoneIngressType | typeof zoneEgressType, spec: object): readonly string[] {
  const found =
    type === zoneIngressType
      ? zoneIngressType.validate(zoneIngressType.schema.parse(spec), context)
      : zoneEgressType.validate(zoneEgressType.schema.parse(spec), context);
  return found.list.map(({ field, message }) => `${field}: ${message}`);
}

const port = 'networking.port: port must be in the range [1, 65535]';

describe('a ZoneIngress', () => {
  const good = { address: '10.0.0.1', port: 10001, advertisedAddress: 'zone.example', advertisedPort: 30001 };
  it.each([
    [good, []],
    [{ port: 1 }, []],
    [{ ...good, admin: { port: 10001 } }, []],
    [{ address: '127.0.0.1', port: 9, admin: { port: 9 } }, ['networking.admin.port: must differ from port']],
    [undefined, [port]],
    [{ ...good, port: 70000 }, [port]],
    [
      { ...good, advertisedPort: undefined },
      ['networking.advertisedPort: has to be defined with advertisedAddress'],
    ],
    [
      { ...good, advertisedAddress: '' },
      ['networking.advertisedAddress: has to be defined with advertisedPort'],
    ],
    [{ ...good, advertisedPort: 70000 }, ['networking.advertisedPort: port must be in the range [1, 65535]']],
    [
      { ...good, address: '0.0.0.0', advertisedAddress: 'not good' },
      [
        'networking.address.address: must not be 0.0.0.0 or ::',
        'networking.advertisedAddress.address: address has to be valid IP address or domain name',
      ],
    ],
  ])('with %j has %j', (networking, expected) => {
    expect(violations(zoneIngressType, { networking })).toEqual(expected);
  });

  it('names services by their tags', () => {
    const availableServices = [{ tags: { 'kuma.io/service': 'web' } }, { tags: { version: '1' } }];
    expect(violations(zoneIngressType, { networking: good, availableServices })).toEqual([
      'availableService[1].tags: mandatory tag "kuma.io/service" is missing',
    ]);
  });
});

describe('a ZoneEgress', () => {
  it.each([
    [{ address: '10.0.0.1', port: 10002 }, []],
    [{ address: '10.0.0.1' }, [port]],
    [{ address: '::', port: 1 }, ['networking.address.address: must not be 0.0.0.0 or ::']],
    [{ address: '127.0.0.1', port: 9, admin: { port: 9 } }, ['networking.admin.port: must differ from port']],
    [undefined, [port]],
  ])('with %j has %j', (networking, expected) => {
    expect(violations(zoneEgressType, { networking })).toEqual(expected);
  });
});
