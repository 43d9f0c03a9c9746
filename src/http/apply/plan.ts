import { renderResource } from '../../model/render-resource.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import { secretData } from '../../secrets/secret-data.ts';
import type { ResourceDraft } from '../../store/resource-store.ts';
import { type Difference, differencesOf } from './difference.ts';

export type PlannedAction = 'create' | 'update' | 'unchanged' | 'delete';

/** What an apply does to one resource, as its answer shows it. */
export interface PlannedChange {
  readonly action: PlannedAction;
  readonly type: string;
  /** Absent for types of global scope. */
  readonly mesh?: string;
  readonly name: string;
  /** Of an update; those of secrets are without their contents. */
  readonly differences?: readonly Difference[];
  /** What the writer should know of settings and names that go away. */
  readonly warnings?: readonly string[];
}

/** How many of each action there are. */
export type PlanSummary = Readonly<Record<PlannedAction, number>>;

/** What there is to say of one resource that is to be as `draft`. */
export function planPut(
  type: ResourceType,
  draft: ResourceDraft,
  current: Resource | undefined,
  warnings: readonly string[],
): PlannedChange {
  const told = { ...named(draft), ...(warnings.length > 0 && { warnings }) };
  if (current === undefined) {
    return { action: 'create', ...told };
  }
  const differences = type.secret
    ? secretDifferences(draft, current)
    : contentDifferences(type, draft, current);
  return differences.length === 0
    ? { action: 'unchanged', ...told }
    : { action: 'update', ...told, differences };
}

export function planDelete(current: Resource): PlannedChange {
  return { action: 'delete', ...named(current) };
}

export function summaryOf(changes: readonly PlannedChange[]): PlanSummary {
  const summary = { create: 0, update: 0, unchanged: 0, delete: 0 };
  for (const { action } of changes) {
    summary[action] += 1;
  }
  return summary;
}

function named({ type, mesh, name }: ResourceKey) {
  return { type, ...(mesh !== '' && { mesh }), name };
}

/** Members that the store decides. */
const stamped = { version: 0, creationTime: '', modificationTime: '' };

function contentDifferences(
  type: ResourceType,
  draft: ResourceDraft,
  current: Resource,
): readonly Difference[] {
  const shown = ({ labels, spec }: Pick<Resource, 'labels' | 'spec'>) =>
    // What has no place in JSON counts for nothing.
    JSON.parse(JSON.stringify(renderResource(type, { ...current, ...stamped, labels, spec }))) as unknown;
  return differencesOf(shown(current), shown(draft));
}

function secretDifferences(draft: ResourceDraft, current: Resource): readonly Difference[] {
  const same = secretData({ ...current, spec: draft.spec }).equals(secretData(current));
  return [
    ...differencesOf({ labels: current.labels }, { labels: draft.labels }),
    ...(same ? [] : [{ path: '/data' }]),
  ];
}
