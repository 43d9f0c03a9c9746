import { create } from '@bufbuild/protobuf';
import { type Metadata, MetadataSchema } from './gen/envoy/config/core/v3/base_pb.ts';

/** Metadata that holds the same texts under each of the given keys of `filter_metadata`. */
export function textMetadata(keys: readonly string[], values: Readonly<Record<string, string>>): Metadata {
  return create(MetadataSchema, {
    filterMetadata: Object.fromEntries(keys.map((key) => [key, sorted(values)])),
  });
}

/** Ordered by key, so that equal metadata has equal bytes. */
function sorted(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
