import type { RequestAccess } from '../../auth/request-access.ts';
import type { MeshCache } from '../../context/mesh-cache.ts';
import type { MeshContext } from '../../context/mesh-context.ts';
import { KumulusError } from '../../model/errors.ts';
import { displayNameOf } from '../../model/kri.ts';
import { parseResource } from '../../model/parse-resource.ts';
import { keyText, type Resource, type ResourceKey } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { TenantId } from '../../model/tenant.ts';
import { field, key as keyPath, type Violations } from '../../model/violations.ts';
import { prepareWrite } from '../../model/write-resource.ts';
import type { Change, ResourceDraft } from '../../store/resource-store.ts';
import type { CheckedWrite, PendingWrite, WriteRules } from '../write-rules.ts';
import { expectationOf, requireWrite } from '../write-steps.ts';
import { collected } from './collect.ts';
import { type PlannedChange, planDelete, planPut } from './plan.ts';
import { prunable, requirePrune } from './prune.ts';
import type { Target } from './targets.ts';

export interface PrepareDeps {
  readonly meshCache: MeshCache;
  readonly types: ReadonlyMap<string, ResourceType>;
  readonly rules: ReadonlyMap<string, WriteRules>;
  readonly zone: string;
}

/** What one apply is for: whose, and what of the rest is to go. */
export interface ApplyRequest {
  readonly tenant: TenantId;
  readonly access: RequestAccess;
  /** Labels that all documents have; whatever else in their meshes has all of them is deleted. Undefined deletes nothing. */
  readonly prune: ReadonlyMap<string, string> | undefined;
}

/** What is to be committed to one mesh, or beside the meshes, and how it is told. */
export interface PreparedScope {
  readonly scope: string;
  readonly changes: readonly Change[];
  readonly planned: readonly PlannedChange[];
}

interface Pending {
  readonly target: Target;
  readonly draft: ResourceDraft;
  readonly current: Resource | undefined;
}

/**
 * Works out what one mesh is to become, against what it is now. All that is wrong with the documents goes to
 * `violations`; where there are any, the result is of no use.
 *
 * @throws KumulusError `forbidden` where the caller may not do one of the changes.
 */
export async function prepareScope(
  deps: PrepareDeps,
  request: ApplyRequest,
  scope: string,
  targets: readonly Target[],
  violations: Violations,
): Promise<PreparedScope> {
  const context = await deps.meshCache.read(request.tenant, scope);
  const pending: Pending[] = [];
  for (const target of targets) {
    pending.push(
      ...(await collected(violations, target.path, () => understand(deps, request, context, target))),
    );
  }
  const ownMesh = pending.find(({ target }) => target.type.name === 'Mesh');
  const mesh = ownMesh === undefined ? context.resources.get('Mesh')?.get(scope) : stored(ownMesh);
  requireMesh(scope, mesh, targets, violations);

  const drafts = new Map<string, Resource>();
  const find = async (key: ResourceKey) =>
    drafts.get(keyText(key)) ?? context.resources.get(key.type)?.get(key.name);
  const writes: Write[] = [];
  // The Mesh is looked at last, for it may name secrets that are written with it.
  for (const each of pending.toSorted((a, b) => Number(a === ownMesh) - Number(b === ownMesh))) {
    const checks = await collected(violations, each.target.path, () =>
      checkedWrite(deps, { ...each, tenant: request.tenant, mesh, find }),
    );
    for (const { draft, others } of checks) {
      drafts.set(keyText(draft), stored({ draft, current: each.current }));
      writes.push({ ...each, draft, others });
    }
  }
  const pruned = prunable(deps, request, context, targets);
  for (const current of pruned) {
    await collected(violations, 'prune', () => requirePrune(deps, request, current, mesh));
  }
  return planned(request.access, scope, writes, pruned);
}

interface Write extends Pending {
  readonly others: readonly Change[];
}

/** Reads one document as a `PUT` of it would. */
function understand(
  { zone }: PrepareDeps,
  { access, prune }: ApplyRequest,
  { resources }: MeshContext,
  target: Target,
): Pending {
  const { type, key } = target;
  const current = resources.get(type.name)?.get(key.name);
  access.writeAny(['CREATE', 'UPDATE'], type, key);
  const parsed = parseResource(type, target.body, { ...key, zone });
  const draft = prepareWrite(type, parsed, current, { zone });
  requireWrite(access, type, draft, current);
  for (const [name, value] of prune ?? []) {
    if (parsed.labels[name] !== value) {
      const message = `must be ${JSON.stringify(value)}: the next apply would prune what has it not`;
      throw new KumulusError('invalid', 'Resource is not valid', {
        violations: [{ field: keyPath('labels', name), message }],
      });
    }
  }
  return { target, draft, current };
}

async function checkedWrite(
  { rules }: PrepareDeps,
  write: Pending & Pick<PendingWrite, 'tenant' | 'mesh' | 'find'>,
): Promise<CheckedWrite> {
  return (await rules.get(write.target.type.name)?.check?.(write)) ?? { draft: write.draft, others: [] };
}

function requireMesh(
  scope: string,
  mesh: Resource | undefined,
  targets: readonly Target[],
  violations: Violations,
): void {
  const orphan = targets.find(({ type }) => type.scope === 'Mesh');
  const isMade = targets.some(({ type }) => type.name === 'Mesh');
  if (mesh === undefined && !isMade && orphan !== undefined) {
    violations.add(field(orphan.path, 'mesh'), `mesh of name ${scope} is not found`);
  }
}

/** The Mesh comes first, for the rest is in it; a document about what comes along with another counts more. */
function planned(
  access: RequestAccess,
  scope: string,
  writes: readonly Write[],
  pruned: readonly Resource[],
): PreparedScope {
  const ordered = writes.toSorted((a, b) => meshFirst(a) - meshFirst(b));
  const written = new Set(writes.map(({ draft }) => keyText(draft)));
  const changes: Change[] = [];
  const plans: PlannedChange[] = [];
  for (const { target, draft, current, others } of ordered) {
    const warnings = target.type.deprecations?.(draft.spec, displayNameOf(draft)) ?? [];
    const plan = planPut(target.type, draft, current, warnings);
    plans.push(mayRead(access, target, current) ? plan : withoutDifferences(plan));
    if (plan.action !== 'unchanged') {
      changes.push({ kind: 'put', draft, expect: expectationOf(current) });
    }
    changes.push(...others.filter((each) => each.kind === 'delete' || !written.has(keyText(each.draft))));
  }
  for (const current of pruned) {
    changes.push({ kind: 'delete', key: current, expect: expectationOf(current) });
    plans.push(planDelete(current));
  }
  return { scope, changes, planned: plans };
}

function mayRead(access: RequestAccess, { type, key }: Target, current: Resource | undefined): boolean {
  const readable = access.readable(type, key.mesh);
  return current === undefined || readable === 'all' || readable.has(key.name);
}

/** Who may write and not read learns that there is something else, and not what. */
function withoutDifferences({ differences: _hidden, ...plan }: PlannedChange): PlannedChange {
  return plan;
}

function meshFirst({ target }: Pending): number {
  return target.type.name === 'Mesh' ? 0 : 1;
}

/** A draft as it will be read once it is stored. */
function stored({ draft, current }: Pick<Pending, 'draft' | 'current'>): Resource {
  const { creationTime = '', modificationTime = '', version = 0 } = current ?? {};
  return { ...draft, creationTime, modificationTime, version };
}
