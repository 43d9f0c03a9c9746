import {
  isJsonObject,
  type JsonObject,
  JsonPatchError,
  type JsonPatchOperation,
  tokensOf,
} from './operation.ts';

/** What patches are applied with. */
export interface ApplyOptions {
  /** Objects and lists on the way to what is added are made where they are missing; they must be there unless told. */
  readonly makesPath?: boolean;
}

/** How what holds the last step of a path is changed. */
interface Edit {
  readonly path: string;
  /** Makes a new object or list of the one that holds it. */
  readonly change: (parent: JsonObject | readonly unknown[], token: string) => unknown;
  readonly makesPath?: boolean;
}

/**
 * Applies a JSON patch (RFC 6902) to a value, which stays as it is. Indices below zero count from the end, as in Kuma.
 *
 * @throws JsonPatchError where a step does not apply.
 */
export function applyJsonPatch(
  document: unknown,
  patch: readonly JsonPatchOperation[],
  { makesPath = false }: ApplyOptions = {},
): unknown {
  return patch.reduce((value: unknown, operation) => applied(value, operation, makesPath), document);
}

function applied(value: unknown, operation: JsonPatchOperation, makesPath: boolean): unknown {
  const { path } = operation;
  switch (operation.op) {
    case 'add':
      return put(value, path, operation.value, makesPath);
    case 'replace':
      valueAt(value, path);
      return path === ''
        ? operation.value
        : edited(value, tokensOf(path), { path, change: replacing(operation.value) });
    case 'remove':
      return removed(value, path);
    case 'move':
      return put(removed(value, operation.from), path, valueAt(value, operation.from));
    case 'copy':
      return put(value, path, valueAt(value, operation.from));
  }
}

function put(document: unknown, path: string, value: unknown, makesPath = false): unknown {
  const change: Edit['change'] = (parent, token) => added(parent, token, value, path);
  return path === '' ? value : edited(document, tokensOf(path), { path, change, makesPath });
}

function edited(node: unknown, [token = '', ...rest]: readonly string[], edit: Edit): unknown {
  const { path, change, makesPath = false } = edit;
  if (!Array.isArray(node) && !isJsonObject(node)) throw missing(path);
  if (rest.length === 0) return change(node, token);
  const child = memberOf(node, token);
  if (child !== undefined) return replacing(edited(child, rest, edit))(node, token);
  if (!makesPath) throw missing(path);
  const made = /^(-|-?\d+)$/.test(rest[0] ?? '') ? [] : {};
  return added(node, token, edited(made, rest, edit), path);
}

function added(
  parent: JsonObject | readonly unknown[],
  token: string,
  value: unknown,
  path: string,
): unknown {
  if (!isList(parent)) return { ...parent, [token]: value };
  const position = token === '-' ? parent.length : indexOf(token, parent.length + 1);
  if (position === undefined || position > parent.length) throw missing(path);
  return parent.toSpliced(position, 0, value);
}

function replacing(value: unknown): Edit['change'] {
  return (parent, token) =>
    isList(parent) ? parent.with(indexOf(token, parent.length) ?? 0, value) : { ...parent, [token]: value };
}

function removed(document: unknown, path: string): unknown {
  if (path === '') throw new JsonPatchError('the whole document cannot be taken away');
  valueAt(document, path);
  const change: Edit['change'] = (parent, token) =>
    isList(parent)
      ? parent.toSpliced(indexOf(token, parent.length) ?? 0, 1)
      : Object.fromEntries(Object.entries(parent).filter(([name]) => name !== token));
  return edited(document, tokensOf(path), { path, change });
}

/** @throws JsonPatchError where nothing is there. */
function valueAt(document: unknown, path: string): unknown {
  return tokensOf(path).reduce<unknown>((node, token) => {
    const child = memberOf(node, token);
    if (child === undefined) throw missing(path);
    return child;
  }, document);
}

function memberOf(node: unknown, token: string): unknown {
  if (Array.isArray(node)) return node[indexOf(token, node.length) ?? node.length];
  return isJsonObject(node) && Object.hasOwn(node, token) ? node[token] : undefined;
}

/** Undefined for what is no index, or is before the beginning. */
function indexOf(token: string, length: number): number | undefined {
  if (!/^-?\d{1,9}$/.test(token)) return undefined;
  const index = Number(token) < 0 ? Number(token) + length : Number(token);
  return index < 0 ? undefined : index;
}

function isList(value: JsonObject | readonly unknown[]): value is readonly unknown[] {
  return Array.isArray(value);
}

function missing(path: string): JsonPatchError {
  return new JsonPatchError(`there is nothing at ${path}`);
}
