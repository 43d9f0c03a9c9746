/** A JSON object as it was read. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** One step of a JSON patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

/** A patch that cannot be applied; the message says where. */
export class JsonPatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonPatchError';
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The pointer to a member or an element (RFC 6901). */
export function pointerTo(parent: string, token: string | number): string {
  return `${parent}/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * The steps of a pointer.
 *
 * @throws JsonPatchError for one that does not begin with a slash.
 */
export function tokensOf(pointer: string): readonly string[] {
  if (pointer === '') return [];
  const [root, ...tokens] = pointer.split('/');
  if (root !== '') throw new JsonPatchError(`${pointer} must begin with /`);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}
