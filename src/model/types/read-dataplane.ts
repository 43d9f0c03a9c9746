import type { Resource } from '../resource.ts';
import { dataplaneSchema } from './dataplane-schema.ts';

type Read = ReturnType<typeof dataplaneSchema.safeParse>;

/** Weak, for what is read is larger than what is made of it, and a relay knows of many more Dataplanes than it serves. */
const known = new WeakMap<Resource, WeakRef<Read>>();

/** The spec of a Dataplane, or why it has not the form of one. Read once for all who ask at about the same time. */
export function readDataplane(dataplane: Resource): Read {
  let read = known.get(dataplane)?.deref();
  if (read === undefined) {
    read = dataplaneSchema.safeParse(dataplane.spec);
    known.set(dataplane, new WeakRef(read));
  }
  return read;
}
