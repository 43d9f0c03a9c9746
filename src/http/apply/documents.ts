import { setImmediate as nextTurn } from 'node:timers/promises';
import { KumulusError } from '../../model/errors.ts';
import { isDeeperThan } from '../../model/json-bounds.ts';
import { parseSmallYaml } from '../../model/small-yaml.ts';

/** Documents that one request may apply. */
export const maxDocuments = 500;
/** Characters of one document in YAML: the parser is slow on text that is made for it. JSON has no such limit. */
export const maxYamlDocument = 32 * 1024;

export const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml'] as const;

/**
 * The documents of a body: a stream of YAML documents; in JSON one object, a list of them, or what a list of the API
 * answers (`{"items": […]}`).
 *
 * @param mediaType of the body, without parameters.
 * @throws KumulusError `bad_request` where it cannot be read, `payload_too_large` for too many.
 */
export async function readDocuments(text: string, mediaType: string): Promise<readonly object[]> {
  const found = yamlTypes.some((type) => type === mediaType)
    ? await yamlDocuments(text)
    : jsonDocuments(text);
  if (found.length > maxDocuments) {
    throw new KumulusError(
      'payload_too_large',
      `at most ${maxDocuments} documents can be applied at once, got ${found.length}`,
    );
  }
  return found.map((document, position) => {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw unreadable(`documents[${position}]: must be an object`);
    }
    return document;
  });
}

function jsonDocuments(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message may quote the document, and with it a secret.
    throw unreadable(text.trim() === '' ? 'the body is empty' : 'the body is no JSON');
  }
  // A list around the documents, and the object around the list.
  if (isDeeperThan(value, 66)) {
    throw unreadable('nested deeper than 64 levels');
  }
  if (Array.isArray(value)) {
    return value;
  }
  const items: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'items') : undefined;
  return Array.isArray(items) ? items : [value];
}

/** A line that starts with three dashes and a blank begins a document, whatever stands before (YAML 1.2, 9.1.2). */
const separator = /^---(?=\s|$)/m;

async function yamlDocuments(text: string): Promise<readonly unknown[]> {
  const parts = text.split(separator, maxDocuments + 2);
  const documents: unknown[] = [];
  for (const [position, part] of parts.entries()) {
    let document: unknown;
    try {
      document = parseSmallYaml(part, maxYamlDocument);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1).join('') : 'no YAML';
      throw unreadable(`documents[${documents.length}]: ${reason}`);
    }
    // An empty document is what stands before the first separator, or between two.
    if (document !== null && document !== undefined) {
      documents.push(document);
    }
    if (position % 8 === 7) {
      await nextTurn();
    }
  }
  return documents;
}

function unreadable(reason: string): KumulusError {
  return new KumulusError('bad_request', `invalid documents: ${reason}`);
}
