import { KumulusError } from '../../model/errors.ts';
import { key } from '../../model/violations.ts';
import { annotation, readAnnotations } from '../annotations.ts';
import { applyJsonPatch } from '../json-patch/apply.ts';
import { JsonPatchError, type JsonPatchOperation } from '../json-patch/operation.ts';
import { type Container, containerSchema, type Pod } from '../pod.ts';
import { withoutNulls } from '../without-nulls.ts';
import type { ContainerPatch, ContainerPatchBlock, InjectionTarget } from './settings.ts';

/** How the two containers of a pod are changed before they get into it. */
export interface ContainerPatches {
  sidecar(container: Container): Container;
  init(container: Container): Container;
}

/**
 * The patches of a pod: those of all pods, then those that its annotation names. Both functions throw KumulusError `invalid` where a patch
 * does not apply, or leaves something that is no container.
 *
 * @throws KumulusError `invalid` where one is named that there is not.
 */
export function patchesOf(pod: Pod, { settings, containerPatches }: InjectionTarget): ContainerPatches {
  const named = readAnnotations(pod.metadata.annotations).list(annotation.containerPatches) ?? [];
  const patches = [...settings.containerPatches, ...named].map(
    (name) => [name, containerPatches.get(name)] as const,
  );
  const missing = patches.flatMap(([name, patch]) => (patch === undefined ? [name] : []));
  if (missing.length > 0) {
    throw refused(`it appears some expected container patches are missing: ${listed(missing)}`);
  }
  const apply = (container: Container, member: keyof ContainerPatch) => {
    const used = patches.flatMap(([name, patch]) => {
      const blocks = patch?.[member] ?? [];
      return blocks.length > 0 ? [{ name, blocks }] : [];
    });
    return used.length === 0
      ? container
      : patched(
          container,
          used.flatMap(({ blocks }) => blocks),
          listed(used.map(({ name }) => name)),
        );
  };
  return {
    sidecar: (container) => apply(container, 'sidecarPatch'),
    init: (container) => apply(container, 'initPatch'),
  };
}

function patched(container: Container, blocks: readonly ContainerPatchBlock[], names: string): Container {
  try {
    const result = applyJsonPatch(container, blocks.map(operationOf), { makesPath: true });
    const read = containerSchema.safeParse(withoutNulls(result));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw new JsonPatchError(`${issue?.path.join('.')}: ${issue?.message}`);
  } catch (error) {
    if (!(error instanceof JsonPatchError)) throw error;
    throw refused(`could not apply patches ${names}: ${error.message}`);
  }
}

function operationOf({ op, path, value, from = '' }: ContainerPatchBlock): JsonPatchOperation {
  switch (op) {
    case 'add':
    case 'replace':
      return { op, path, value: readValue(value ?? '', path) };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from };
    default:
      throw new JsonPatchError(
        `the operation ${JSON.stringify(op)} is none of add, remove, replace, move, copy`,
      );
  }
}

function readValue(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonPatchError(`the value for ${path} is not JSON`);
  }
}

function refused(message: string): KumulusError {
  const field = key('metadata.annotations', annotation.containerPatches);
  return new KumulusError('invalid', message, { violations: [{ field, message }] });
}

function listed(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(' ')}]`;
}
