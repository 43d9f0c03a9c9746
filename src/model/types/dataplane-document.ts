import { processingTitle, readEnvelope, unreadable } from '../envelope.ts';
import { KumulusError } from '../errors.ts';
import { identifierProblem, meshReferenceProblem } from '../names.ts';
import type { ParsedResource } from '../parse-resource.ts';
import { parseSmallYaml } from '../small-yaml.ts';
import { Violations } from '../violations.ts';
import { dataplaneType } from './dataplane.ts';
import type { DataplaneSpec } from './dataplane-schema.ts';

/** The largest document in bytes; a proxy with a thousand outbounds takes some 100 KiB. */
export const maxDataplaneDocumentBytes = 1024 * 1024;

/**
 * Reads the Dataplane that a proxy brings along, in JSON or YAML, and checks it as a request to the API would be,
 * but for the name in a path.
 *
 * @throws KumulusError `bad_request` where it cannot be read, is too large or of another type, `invalid` with all violations
 *   where it breaks rules.
 */
export function parseDataplaneDocument(text: string): ParsedResource<DataplaneSpec> {
  const envelope = readEnvelope(dataplaneType, parseDocument(text));
  if (envelope.type !== dataplaneType.name) {
    const message = `invalid resource type: ${JSON.stringify(envelope.type)} where a Dataplane is expected`;
    throw new KumulusError('bad_request', message);
  }
  const violations = new Violations();
  addProblem(violations, 'name', identifierProblem(envelope.name));
  addProblem(violations, 'mesh', meshReferenceProblem(envelope.mesh));
  for (const { field, message } of dataplaneType.validate(envelope.spec, envelope).list) {
    violations.add(field, message);
  }
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: processingTitle,
      violations: violations.list,
    });
  }
  return {
    key: { type: dataplaneType.name, mesh: envelope.mesh, name: envelope.name },
    labels: envelope.labels,
    spec: envelope.spec,
  };
}

function parseDocument(text: string): unknown {
  if (Buffer.byteLength(text) > maxDataplaneDocumentBytes) {
    throw unreadable(dataplaneType, `larger than ${maxDataplaneDocumentBytes} bytes`);
  }
  try {
    return text.trimStart().startsWith('{') ? parseJsonOrYaml(text) : parseSmallYaml(text);
  } catch {
    throw unreadable(dataplaneType, 'neither JSON nor YAML');
  }
}

/** YAML has objects in braces too, where keys need no quotes. */
function parseJsonOrYaml(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parseSmallYaml(text);
  }
}

function addProblem(violations: Violations, field: string, problem: string | undefined): void {
  if (problem !== undefined) {
    violations.add(field, problem);
  }
}
