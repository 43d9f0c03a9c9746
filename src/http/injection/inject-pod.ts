import { annotation } from '../../kubernetes/annotations.ts';
import { injectSidecar } from '../../kubernetes/injector/inject.ts';
import type { InjectionTarget } from '../../kubernetes/injector/settings.ts';
import { podWarnings } from '../../kubernetes/injector/warnings.ts';
import { jsonPatchBetween } from '../../kubernetes/json-patch/difference.ts';
import { type Pod, podSchema } from '../../kubernetes/pod.ts';
import { withoutNulls } from '../../kubernetes/without-nulls.ts';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import { issuePath } from '../../model/schema-issues.ts';
import { type AdmissionRequest, allowed, denied } from './admission-review.ts';

/**
 * Answers for one object. Only pods that are made get a sidecar; all else is let through as it is, for a webhook that is told of more
 * than it asked for must not stop a cluster.
 *
 * @param mesh of the namespaces that the webhook is called for, as its address says; of those that name none where it is undefined.
 * @throws KumulusError of {@link InjectionTarget.hasMesh}.
 */
export function answerFor(
  request: AdmissionRequest,
  mesh: string | undefined,
  target: InjectionTarget,
): unknown {
  const { uid, operation, subResource = '', resource, object } = request;
  const isNewPod =
    resource.group === '' && resource.resource === 'pods' && subResource === '' && operation === 'CREATE';
  if (!isNewPod) {
    return allowed(
      uid,
      [],
      [`only pods that are made get a sidecar, not ${operation} of ${resource.resource}`],
    );
  }
  const before = withoutNulls(object);
  try {
    const pod = readPod(before);
    const injected = injectSidecar(pod, namespaceOf(mesh), target);
    return injected === pod
      ? allowed(uid, [], [])
      : allowed(uid, jsonPatchBetween(before, injected), podWarnings(pod));
  } catch (error) {
    if (isKumulusError(error, 'invalid')) return denied(uid, error);
    throw error;
  }
}

/** A review does not have the namespace, and its labels are why it came: selectors of the webhook chose it by them. */
function namespaceOf(mesh: string | undefined) {
  return {
    labels: {
      [annotation.sidecarInjection]: 'enabled',
      ...(mesh !== undefined && { [annotation.mesh]: mesh }),
    },
  };
}

/** What a person reads of an event, and what fits into one. */
const maxViolations = 20;

function readPod(document: unknown): Pod {
  const read = podSchema.safeParse(document);
  if (read.success) return read.data;
  const violations = read.error.issues
    .slice(0, maxViolations)
    .map(({ path, message }) => ({ field: issuePath(path), message }));
  throw new KumulusError('invalid', violations[0]?.message ?? 'no pod', { violations });
}
