import type { MeshContext } from '../../context/mesh-context.ts';
import { specOf } from '../../match/proxy.ts';
import { KumulusError } from '../../model/errors.ts';
import { parseResource } from '../../model/parse-resource.ts';
import type { Resource } from '../../model/resource.ts';
import { type DataplaneSpec, dataplaneType } from '../../model/types/dataplane.ts';
import { membershipProblem } from '../../model/types/membership.ts';
import { meshSchema } from '../../model/types/mesh.ts';
import { prepareWrite, type WritableResource } from '../../model/write-resource.ts';
import { parseProxyDocument } from '../proxy-document.ts';

/** The proxy that brings a Dataplane along, and what it would replace. */
export interface BroughtDataplane {
  readonly name: string;
  readonly document: string;
  readonly zone: string;
  readonly existing: Resource | undefined;
  readonly context: MeshContext;
}

/**
 * Reads the Dataplane that a proxy brings along (the direct lifecycle) and makes what is stored of it: with the labels and the zone
 * that the control plane gives it, whatever the proxy claims.
 *
 * @throws KumulusError `bad_request` where it cannot be read, `invalid` where it breaks rules, names another proxy or mesh, or
 *   may not be a member of the mesh.
 */
export function draftOfDataplane({
  name,
  document,
  zone,
  existing,
  context,
}: BroughtDataplane): WritableResource<DataplaneSpec> {
  const parsed = parseResource(dataplaneType, parseProxyDocument(document), {
    name,
    mesh: context.mesh,
    zone,
  });
  const mesh = meshSchema.parse(context.resources.get('Mesh')?.get(context.mesh)?.spec);
  const problem = membershipProblem(context.mesh, mesh, parsed.spec);
  if (problem !== undefined) {
    throw new KumulusError('forbidden', problem);
  }
  const stored = existing && { ...existing, spec: specOf(existing) };
  return prepareWrite(dataplaneType, parsed, stored, { zone });
}
