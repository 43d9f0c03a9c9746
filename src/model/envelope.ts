import * as z from 'zod';
import { decodeMessage } from './decode-message.ts';
import { KumulusError } from './errors.ts';
import { requireShallow } from './json-bounds.ts';
import type { Labels } from './labels.ts';
import type { ResourceType } from './resource-type.ts';
import { decodeIssue, issuePath, schemaVerdict } from './schema-issues.ts';

/** A document taken apart: what it says of itself, and its spec. */
export interface Envelope<Spec> {
  /** Empty where the document has none; likewise mesh and name. */
  readonly type: string;
  readonly mesh: string;
  readonly name: string;
  readonly labels: Labels;
  readonly spec: Spec;
}

/** The title of Kuma's answers to documents that break rules. */
export const processingTitle = 'Could not process a resource';

/**
 * Takes a document of the given type apart and checks its shape, as the reference does for the type's layout.
 *
 * @throws KumulusError `bad_request` where it cannot be read, `invalid` where it does not fit the schema.
 */
export function readEnvelope<Spec>(type: ResourceType<Spec>, body: unknown): Envelope<Spec> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const found = body === null ? 'null' : Array.isArray(body) ? 'array' : typeof body;
    throw unreadable(type, `json: cannot unmarshal ${found} into an object`);
  }
  requireShallow(body, type.name);
  return type.layout === 'flat' ? readFlat(type, body) : readNested(type, body);
}

/** The error for a document that cannot be read. */
export function unreadable(type: { readonly name: string }, reason: string): KumulusError {
  return new KumulusError('bad_request', `invalid ${type.name} object: ${JSON.stringify(reason)}`);
}

/** Go takes a null for an absent text, and a map's null value for an empty one. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const labels = z
  .record(z.string(), text)
  .nullish()
  .transform((value): Labels => value ?? {});
const time = z.iso.datetime({ offset: true }).nullish();

const flatEnvelope = z.object({
  type: text,
  mesh: text,
  name: text,
  labels,
  creationTime: time,
  modificationTime: time,
});

function readFlat<Spec>(type: ResourceType<Spec>, body: object): Envelope<Spec> {
  const meta = flatEnvelope.safeParse(body);
  if (!meta.success) {
    throw unreadable(type, issueText(meta.error.issues, body));
  }
  const spec = type.schema.safeParse(body);
  if (!spec.success) {
    throw unreadable(type, issueText(spec.error.issues, body));
  }
  const { type: name, ...rest } = meta.data;
  return { type: name, mesh: rest.mesh, name: rest.name, labels: rest.labels, spec: spec.data };
}

function issueText(issues: readonly z.core.$ZodIssue[], body: unknown): string {
  const [issue] = issues;
  return issue === undefined ? 'unreadable' : `${issuePath(issue.path)}: ${decodeMessage(issue, body)}`;
}

function readNested<Spec>(type: ResourceType<Spec>, body: object): Envelope<Spec> {
  const meta = nestedMeta(type).safeParse(body);
  const spec = type.schema.safeParse(Reflect.get(body, 'spec'));
  const status = statusIssues(type, body);
  if (meta.success && spec.success && status.length === 0) {
    return { ...meta.data, labels: meta.data.labels ?? {}, spec: spec.data };
  }
  const verdict = schemaVerdict(
    [...(meta.error?.issues ?? []), ...below('spec', spec.error?.issues ?? []), ...below('status', status)],
    body,
  );
  if (verdict.kind === 'undecodable') {
    throw unreadable(type, verdict.message);
  }
  throw new KumulusError('invalid', 'Resource is not valid', {
    title: processingTitle,
    violations: verdict.violations,
  });
}

type Issues = readonly z.core.$ZodIssue[];

function below(member: string, issues: Issues): Issues {
  return issues.map((issue) => ({ ...issue, path: [member, ...issue.path] }));
}

/** What is wrong with the status of a document: it is the control plane's, but must be sound where it is sent back. */
function statusIssues<Spec>({ status }: ResourceType<Spec>, body: object): Issues {
  const given = status !== undefined && Object.hasOwn(body, 'status');
  return given ? (status.schema.safeParse(Reflect.get(body, 'status')).error?.issues ?? []) : [];
}

const date = z
  .custom<string>((value) => z.iso.datetime({ offset: true }).safeParse(value).success, {
    params: { format: 'date-time' },
  })
  .exactOptional();

/** A text that no schema describes, so that the reference finds out only when it decodes it. */
const decodedText = z.unknown().transform((value, context) => {
  if (typeof value === 'string') {
    return value;
  }
  decodeIssue(context, `json: cannot unmarshal ${typeof value} into a text`);
  return z.NEVER;
});

/** What the reference's schema of a newer type asks of a document, beside its spec; made once for each type. */
function nestedMeta<Spec>(type: ResourceType<Spec>) {
  const known = nestedMetas.get(type.name);
  if (known !== undefined) {
    return known;
  }
  const schema = makeNestedMeta(type);
  nestedMetas.set(type.name, schema);
  return schema;
}

const nestedMetas = new Map<string, ReturnType<typeof makeNestedMeta>>();

function makeNestedMeta<Spec>({ name, scope }: ResourceType<Spec>) {
  return z.object({
    type: z.enum([name]),
    // Types of global scope have no mesh; what is said of one is decoded and forgotten.
    mesh: z.preprocess(
      (mesh) => mesh ?? (scope === 'Mesh' ? 'default' : ''),
      scope === 'Mesh' ? z.string() : decodedText,
    ),
    name: z.string(),
    labels: z.record(z.string(), z.string()).exactOptional(),
    kri: z.string().exactOptional(),
    creationTime: date,
    modificationTime: date,
  });
}
