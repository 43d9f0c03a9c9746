import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import {
  DeltaDiscoveryResponseSchema,
  DiscoveryResponseSchema,
  ResourceSchema,
} from '../../envoy/gen/envoy/service/discovery/v3/discovery_pb.ts';
import { deltaFrame, sotwFrame } from './response-frame.ts';
import { gatewayRuntimeLayer, runtimeLayers, runtimeTypeUrl } from './runtime-layer.ts';
import type { Servable } from './type-state.ts';

function resource(name: string, size: number): Servable {
  const value = create(AnySchema, { typeUrl: 'a/type', value: new Uint8Array(size).fill(7) });
  const delta = toBinary(ResourceSchema, create(ResourceSchema, { name, version: 'v', resource: value }));
  return { name, version: 'v', delta, any: toBinary(AnySchema, value) };
}

/** Sizes around the steps of varints: one byte up to 127, two up to 16,383, three up to 2,097,151. */
const sizes = [0, 1, 100, 127, 128, 16_000, 16_384, 70_000, 2_097_152];

const draft = {
  resources: sizes.map((size) => resource(`größe-${size}`, size)),
  changed: [],
  removed: ['gone', 'weg-ü'],
  version: '42',
  nonce: 'n1',
};

describe('deltaFrame', () => {
  it('is what Envoy reads', () => {
    const read = fromBinary(DeltaDiscoveryResponseSchema, deltaFrame('a/type', draft));
    expect(read.systemVersionInfo).toBe('42');
    expect(read.typeUrl).toBe('a/type');
    expect(read.nonce).toBe('n1');
    expect(read.removedResources).toEqual(['gone', 'weg-ü']);
    expect(read.resources.map(({ name }) => name)).toEqual(draft.resources.map(({ name }) => name));
    expect(read.resources.map((each) => each.resource?.value.length)).toEqual(sizes);
  });

  it('may be empty', () => {
    const read = fromBinary(
      DeltaDiscoveryResponseSchema,
      deltaFrame('t', { ...draft, resources: [], removed: [] }),
    );
    expect(read.resources).toEqual([]);
    expect(read.nonce).toBe('n1');
  });
});

describe('sotwFrame', () => {
  it('is what Envoy reads', () => {
    const read = fromBinary(DiscoveryResponseSchema, sotwFrame('a/type', draft));
    expect(read.versionInfo).toBe('42');
    expect(read.typeUrl).toBe('a/type');
    expect(read.nonce).toBe('n1');
    expect(read.resources.map((any) => any.value.length)).toEqual(sizes);
  });
});

describe('runtimeLayers', () => {
  it('hold the empty layer of gateways', () => {
    const [layer] = runtimeLayers.values();
    const read = fromBinary(ResourceSchema, layer?.delta ?? new Uint8Array());
    expect(read.name).toBe(gatewayRuntimeLayer);
    expect(read.resource?.typeUrl).toBe(runtimeTypeUrl);
    // Runtime: name = 1 (string), layer = 2 (an empty Struct).
    const text = Buffer.from(read.resource?.value ?? []).toString('latin1');
    expect(text).toBe(`\n\x11${gatewayRuntimeLayer}\x12\0`);
  });
});
