import { maxCommitChanges } from '../../src/store/resource-store.ts';
import { typeByName } from '../types.ts';
import type { Document } from './read-documents.ts';

/** Documents that go in one request, to one mesh: all of them are written, or none. */
export interface Batch {
  /** Empty for what is beside the meshes. */
  readonly mesh: string;
  readonly documents: readonly Document[];
}

/** Room for what a new mesh brings along by itself. */
const roomForDefaults = 16;
const maxDocuments = maxCommitChanges - roomForDefaults;
/** Bytes of a request: what is written at once must fit into an entry of the log of 349 KB. */
const maxBytes = 300_000;

/**
 * Puts documents in the order in which they can be applied (what is beside the meshes, then mesh by mesh, the Mesh
 * itself first) and cuts them into requests. A mesh with few documents is one batch, so it is applied as a whole.
 */
export function batchesOf(documents: readonly Document[], defaultMesh: string): readonly Batch[] {
  const scopes = new Map<string, Document[]>();
  for (const document of documents) {
    const placed = inMesh(document, defaultMesh);
    const scope = scopeOf(placed);
    const list = scopes.get(scope) ?? [];
    scopes.set(scope, list);
    if (placed.body.type === 'Mesh') {
      list.unshift(placed);
    } else {
      list.push(placed);
    }
  }
  return [...scopes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([mesh, list]) => cut(list).map((part): Batch => ({ mesh, documents: part })));
}

/** A resource that names no mesh is in the one of the context. */
function inMesh(document: Document, defaultMesh: string): Document {
  const { body } = document;
  const isScoped = typeof body.type === 'string' && scopeIsMesh(body.type);
  return isScoped && body.mesh === undefined
    ? { ...document, body: { ...body, mesh: defaultMesh } }
    : document;
}

function scopeIsMesh(type: string): boolean {
  try {
    return typeByName(type).scope === 'Mesh';
  } catch {
    // The control plane tells what is wrong with it.
    return false;
  }
}

function scopeOf({ body }: Document): string {
  const scope = body.type === 'Mesh' ? body.name : body.mesh;
  return typeof scope === 'string' ? scope : '';
}

function cut(documents: readonly Document[]): readonly (readonly Document[])[] {
  const parts: Document[][] = [];
  let bytes = 0;
  for (const document of documents) {
    const size = Buffer.byteLength(JSON.stringify(document.body)) + 1;
    const current = parts.at(-1);
    if (current === undefined || current.length >= maxDocuments || bytes + size > maxBytes) {
      parts.push([document]);
      bytes = size;
    } else {
      current.push(document);
      bytes += size;
    }
  }
  return parts;
}
