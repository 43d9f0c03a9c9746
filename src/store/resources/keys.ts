import type { ResourceKey } from '../../model/resource.ts';
import { type TenantId, tenantId } from '../../model/tenant.ts';
import { isStorableName } from '../limits.ts';
import type { ItemKey } from '../port.ts';

/*
 * Partitions of a tenant, `<mesh>` being empty for what is beside the meshes:
 *
 *   head/<mesh>                 head                   revision, counts, generation
 *   data/<generation>/<mesh>    r/<type>/<name>        one resource
 *                               l/<revision>           one entry of the log
 *                               snapshot               what the newest snapshot is made of
 *                               s/<version>-<number>   one piece of a snapshot
 *   insights/<generation>/<mesh>  j/<place>            one entry of the journal of what is known of proxies
 *                               checkpoint           what the newest checkpoint of it is made of
 *                               p/<layout>/<number>  one piece of a checkpoint
 *                               relay/<id>           how far the proxies of one relay have got
 *
 * One of the system's:
 *
 *   purges             <tenant>/<generation>/<mesh>    a generation whose removal has not ended
 *
 * A generation is the revision that made the mesh, 0 beside the meshes. A mesh that is deleted and made anew gets
 * another one, so what is left of the old one cannot be seen while it is removed.
 */

/** The generation of what is beside the meshes, which nobody deletes. */
export const globalGeneration = 0;
/** That of a mesh which was made once, as nearly all are: what is asked for where it is not known. */
export const firstGeneration = 1;

/** The partition of what is waiting to be removed. */
export const purgesPartition = 'purges';

export function headKey(mesh: string): ItemKey {
  return { partition: `head/${mesh}`, sort: 'head' };
}

/** The partition of all that one generation of a mesh holds. The generation comes first because names may hold anything. */
export function dataPartition(mesh: string, generation: number): string {
  return `data/${generation}/${mesh}`;
}

/** The partition of the insights of one generation of a mesh. */
export function insightsPartition(mesh: string, generation: number): string {
  return `insights/${generation}/${mesh}`;
}

export const resourcePrefix = 'r/';

export function resourceItemKey(partition: string, key: Pick<ResourceKey, 'type' | 'name'>): ItemKey {
  return { partition, sort: `${resourcePrefix}${key.type}/${key.name}` };
}

export const logPrefix = 'l/';

/** Revisions are padded so that their order is that of their bytes; 12 digits last for thirty years at 1,000 a second. */
export function logKey(partition: string, revision: number): ItemKey {
  return { partition, sort: `${logPrefix}${String(revision).padStart(12, '0')}` };
}

/** The revision in the sort key of a log entry. */
export function revisionOf(sort: string): number {
  return Number(sort.slice(logPrefix.length));
}

export function snapshotKey(partition: string): ItemKey {
  return { partition, sort: 'snapshot' };
}

export const piecePrefix = 's/';

export function pieceKey(partition: string, name: string): ItemKey {
  return { partition, sort: `${piecePrefix}${name}` };
}

/** One generation of a mesh of a tenant. */
export interface Generation {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly generation: number;
}

export function purgeKey({ tenant, mesh, generation }: Generation): ItemKey {
  return { partition: purgesPartition, sort: `${tenant}/${generation}/${mesh}` };
}

/** What a {@link purgeKey} names. */
export function parsePurgeSort(sort: string): Generation {
  const [tenant = '', generation = '', ...mesh] = sort.split('/');
  return { tenant: tenantId(tenant), generation: Number(generation), mesh: mesh.join('/') };
}

/** The histories that a change to the resource enters: that of its scope, and for a `Mesh` that of the mesh too. */
export function scopesOf(key: ResourceKey): readonly string[] {
  return isMesh(key) ? ['', key.name] : [key.mesh];
}

/** Whether the key names a mesh itself. */
export function isMesh(key: ResourceKey): boolean {
  return key.type === 'Mesh' && key.mesh === '';
}

/** Whether a resource can be stored under its key; a type is a name of ours and short. */
export function isStorableKey({ type, mesh, name }: ResourceKey): boolean {
  return type !== '' && type.length <= 100 && name !== '' && [type, mesh, name].every(isStorableName);
}
