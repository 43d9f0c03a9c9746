import { type Envelope, processingTitle, readEnvelope, unreadable } from './envelope.ts';
import { KumulusError } from './errors.ts';
import { type Labels, validateLabels } from './labels.ts';
import { defaultZone, identifierProblem, meshReferenceProblem } from './names.ts';
import type { ResourceKey } from './resource.ts';
import type { ResourceType } from './resource-type.ts';
import { Violations } from './violations.ts';

/** A document that was read and keeps all rules that need nothing but itself. */
export interface ParsedResource<Spec = unknown> {
  readonly key: ResourceKey;
  /** The labels that the document gives; what is stored comes from `computeLabels`. */
  readonly labels: Labels;
  readonly spec: Spec;
}

/** What the path of a request says of the resource in its body. */
export interface ExpectedResource {
  readonly name: string;
  /** Empty for types of global scope. */
  readonly mesh: string;
  /** The control plane's zone; `default` unless told. */
  readonly zone?: string;
}

/**
 * Reads a resource from the JSON value of a request's body. The order is the reference's: shape, rules of the type,
 * then name, type, mesh and labels.
 *
 * @throws KumulusError `bad_request` with the message `invalid <type> object: "…"` where it cannot be read, `invalid`
 *   with all violations where it breaks rules.
 */
export function parseResource<Spec>(
  type: ResourceType<Spec>,
  body: unknown,
  expected: ExpectedResource,
): ParsedResource<Spec> {
  const envelope = readEnvelope(type, body);
  // What labels allow is for the step that writes, as in the reference: `prepareWrite`.
  refuse(type.validate(envelope.spec, { mesh: envelope.mesh, name: envelope.name, labels: {} }));
  refuse(validateEnvelope(type, envelope, expected));
  const mesh = type.scope === 'Mesh' ? envelope.mesh : '';
  return {
    key: { type: type.name, mesh, name: envelope.name },
    labels: envelope.labels,
    spec: envelope.spec,
  };
}

/**
 * Reads a resource from the text of a request's body. The text's size is for the caller to bound.
 *
 * @throws KumulusError as {@link parseResource} does.
 */
export function parseResourceText<Spec>(
  type: ResourceType<Spec>,
  text: string,
  expected: ExpectedResource,
): ParsedResource<Spec> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's message may quote the document, and with it a secret.
    throw unreadable(type, text.trim() === '' ? 'unexpected end of JSON input' : 'invalid JSON');
  }
  return parseResource(type, body, expected);
}

function validateEnvelope<Spec>(
  type: ResourceType<Spec>,
  envelope: Envelope<Spec>,
  expected: ExpectedResource,
): Violations {
  const violations = new Violations();
  if (envelope.name !== expected.name) {
    violations.add('name', 'name from the URL has to be the same as in body');
  }
  if (envelope.type !== type.name) {
    violations.add('type', 'type from the URL has to be the same as in body');
  }
  if (type.scope === 'Mesh' && envelope.mesh !== expected.mesh) {
    violations.add('mesh', 'mesh from the URL has to be the same as in body');
  }
  validateLabels(violations, envelope.labels, {
    mesh: envelope.mesh,
    zone: expected.zone ?? defaultZone,
  });
  const name = identifierProblem(envelope.name);
  if (name !== undefined) {
    violations.add('name', name);
  }
  const mesh = type.scope === 'Mesh' ? meshReferenceProblem(envelope.mesh) : undefined;
  if (mesh !== undefined) {
    violations.add('mesh', mesh);
  }
  return violations;
}

function refuse(violations: Violations): void {
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', {
      title: processingTitle,
      violations: violations.list,
    });
  }
}
