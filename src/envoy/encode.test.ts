import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { encodeResource } from './encode.ts';
import { ClusterSchema } from './gen/envoy/config/cluster/v3/cluster_pb.ts';
import { ResourceSchema } from './gen/envoy/service/discovery/v3/discovery_pb.ts';
import { toEnvoyJson } from './json.ts';

const typeUrl = 'type.googleapis.com/envoy.config.cluster.v3.Cluster';

function encoded(name: string) {
  const cluster = create(ClusterSchema, { name, altStatName: 'x'.repeat(name.length) });
  return { cluster, resource: encodeResource(name, typeUrl, ClusterSchema, cluster) };
}

describe('encodeResource', () => {
  // The lengths are those at which the lengths of fields take one, two and three bytes.
  it.each([1, 20, 40, 60, 64, 127, 128, 5000, 8100, 8192, 20_000])(
    'is what a message says, name of %i',
    (size) => {
      const { cluster, resource } = encoded('n'.repeat(size));
      const message = fromBinary(ResourceSchema, resource.delta);
      expect(message.name).toBe(resource.name);
      expect(message.version).toBe(resource.version);
      expect(message.resource?.typeUrl).toBe(typeUrl);
      expect(message.resource && anyUnpack(message.resource, ClusterSchema)).toEqual(cluster);
      expect(Buffer.from(resource.any)).toEqual(
        Buffer.from(toBinary(AnySchema, message.resource ?? create(AnySchema))),
      );
      expect(resource.any.buffer).toBe(resource.delta.buffer);
    },
  );

  it('gives equal content one version, and other content another one', () => {
    expect(encoded('a').resource.version).toBe(encoded('a').resource.version);
    expect(encoded('a').resource.version).not.toBe(encoded('b').resource.version);
    expect(encoded('a').resource.version).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('toEnvoyJson', () => {
  it('reads what was encoded', () => {
    expect(toEnvoyJson(encoded('a').resource.any)).toEqual({ name: 'a', altStatName: 'x' });
  });

  it('does not read what it does not know', () => {
    const any = toBinary(AnySchema, create(AnySchema, { typeUrl: 'type.googleapis.com/not.Known' }));
    expect(() => toEnvoyJson(any)).toThrow('no message of the type type.googleapis.com/not.Known is known');
  });
});
