import { expect, it } from 'vitest';
import { type DataplaneSpec, dataplaneType } from './dataplane.ts';

const probed: DataplaneSpec = {
  networking: {
    address: 'a',
    inbound: [{ port: 1, serviceProbe: { tcp: {} }, state: 'Ready' }, { port: 2 }],
  },
};

it.each([
  [true, [{ state: 'NotReady', health: {} }, { port: 2 }]],
  [false, [{ state: 'Ready' }, { port: 2 }]],
])('waits for the first probe of a new proxy (new: %s)', (creating, inbounds) => {
  const prepared = dataplaneType.prepare?.(probed, { zone: 'east', creating });
  expect(prepared?.networking?.inbound).toMatchObject(inbounds);
  expect(prepared?.networking?.inbound?.[1]).toEqual({ port: 2, tags: { 'kuma.io/zone': 'east' } });
});
