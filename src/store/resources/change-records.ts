import type { Author } from '../../model/author.ts';
import type { AuditDraft } from '../audit/audit-record.ts';
import { blankedText } from '../audit/blank-secrets.ts';
import type { AppliedChange } from './commit-draft.ts';
import { isMesh } from './keys.ts';
import type { StoredResource } from './resource-text.ts';

/**
 * The audit record of a change.
 *
 * @param revisions what the commit's group makes of each history.
 */
export function changeRecord(
  change: AppliedChange,
  author: Author,
  revisions: ReadonlyMap<string, number>,
  isSecret: (type: string) => boolean,
): AuditDraft {
  const { key, before, after } = change;
  const { type, mesh, name } = key;
  const text = (resource: StoredResource) => blankedText(resource.text, isSecret(type));
  const kept = keepsContents(author);
  return {
    author,
    action: after === undefined ? 'DELETE' : before === undefined ? 'CREATE' : 'UPDATE',
    type,
    mesh,
    name,
    ...revisionsOf(change, revisions),
    version: (after ?? before)?.version ?? 0,
    ...(kept && before !== undefined && { before: text(before) }),
    ...(kept && after !== undefined && { after: text(after) }),
  };
}

/** The record of a mesh that is deleted, with how many resources of each type went along. */
export function meshDeletionRecord(
  author: Author,
  stored: StoredResource,
  counts: Readonly<Record<string, number>>,
  revisions: ReadonlyMap<string, number>,
): AuditDraft {
  const { type, mesh, name } = stored;
  const { Mesh: _mesh, ...removed } = counts;
  const change = { key: { type, mesh, name }, before: stored, after: undefined };
  return { ...changeRecord(change, author, revisions, () => false), details: { removed } };
}

function revisionsOf({ key }: AppliedChange, revisions: ReadonlyMap<string, number>) {
  const revision = revisions.get(key.mesh);
  const meshRevision = isMesh(key) ? revisions.get(key.name) : undefined;
  return {
    ...(revision !== undefined && { revision }),
    ...(meshRevision !== undefined && { meshRevision }),
  };
}

/** What a relay writes is what proxies say of themselves: that they came and went is kept, their documents are not. */
function keepsContents({ source }: Author): boolean {
  return source !== 'relay';
}
