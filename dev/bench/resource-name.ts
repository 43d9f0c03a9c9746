import { BinaryReader } from '@bufbuild/protobuf/wire';
import { typeUrls } from '../../src/compile/snapshot.ts';

/** The field that holds the name of a resource: `name` of clusters, listeners, routes, secrets; `cluster_name` of endpoints. All are 1. */
const nameField = 1;
const known: ReadonlySet<string> = new Set(Object.values(typeUrls));

/** The name inside an encoded resource, found without decoding the rest. */
export function resourceName(typeUrl: string, value: Uint8Array): string {
  if (!known.has(typeUrl)) {
    throw new Error(`unknown type ${typeUrl}`);
  }
  const reader = new BinaryReader(value);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === nameField) {
      return reader.string();
    }
    reader.skip(wireType, field);
  }
  return '';
}
