import * as z from 'zod';
import type { JsonPatchOperation } from '../../kubernetes/json-patch/operation.ts';
import { KumulusError } from '../../model/errors.ts';
import { requireShallow } from '../../model/json-bounds.ts';
import { issuePath } from '../../model/schema-issues.ts';

// Kubernetes' admission.k8s.io/v1, what of it counts here.

const apiVersion = 'admission.k8s.io/v1';

const reviewSchema = z.looseObject({
  apiVersion: z.literal(apiVersion),
  kind: z.literal('AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1).max(200),
    operation: z.string(),
    namespace: z.string().optional(),
    subResource: z.string().optional(),
    resource: z.looseObject({ group: z.string(), version: z.string(), resource: z.string() }),
    object: z.unknown(),
  }),
});

/** What a cluster asks. */
export type AdmissionRequest = z.output<typeof reviewSchema>['request'];

/**
 * Reads a review.
 *
 * @throws KumulusError `bad_request` that names the fields, where it is none that can be answered.
 */
export function readAdmissionReview(text: string): AdmissionRequest {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new KumulusError('bad_request', 'the body is not JSON');
  }
  requireShallow(document, 'AdmissionReview');
  const read = reviewSchema.safeParse(document);
  if (read.success) return read.data.request;
  const violations = read.error.issues.map(({ path, message }) => ({ field: issuePath(path), message }));
  const [first] = violations;
  throw new KumulusError(
    'bad_request',
    `the body is no AdmissionReview of ${apiVersion}: ${first?.field}: ${first?.message}`,
    { violations },
  );
}

/** The answer that lets a request through, changed or as it is. */
export function allowed(
  uid: string,
  patch: readonly JsonPatchOperation[],
  warnings: readonly string[],
): unknown {
  return review({
    uid,
    allowed: true,
    ...(patch.length > 0 && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }),
    ...(warnings.length > 0 && { warnings }),
  });
}

/** The answer that refuses a pod, as Kubernetes' Status: what is wrong, and with which field. */
export function denied(uid: string, { message, violations }: KumulusError): unknown {
  const causes = violations.map((violation) => ({
    reason: 'FieldValueInvalid',
    field: violation.field,
    message: brief(violation.message),
  }));
  const fields = violations.map(({ field }) => field).filter((field) => field !== '');
  return review({
    uid,
    allowed: false,
    status: {
      status: 'Failure',
      reason: 'Invalid',
      code: 422,
      message: fields.length === 0 ? brief(message) : `${fields.join(', ')}: ${brief(message)}`,
      ...(causes.length > 0 && { details: { causes } }),
    },
  });
}

/** Messages repeat values, and an annotation may have 256 KB. */
function brief(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

function review(response: Readonly<Record<string, unknown>>): unknown {
  return { apiVersion, kind: 'AdmissionReview', response };
}
