import { KumulusError } from '../../model/errors.ts';
import type { Owner, Pod } from './objects.ts';

/** What pods may be owned by, of which the owners matter in turn. */
export interface Owners {
  readonly replicaSets?: readonly Owner[];
  readonly jobs?: readonly Owner[];
}

/** The name under which users know a pod, and the kind of what has it. */
export interface OwnerName {
  readonly name: string;
  readonly kind: string;
}

/**
 * What a pod belongs to: the Deployment of its ReplicaSet, the CronJob of its Job, or another owner such as a
 * DaemonSet; itself where nothing owns it.
 *
 * @throws KumulusError `not_found` where the pod names a ReplicaSet or Job that is not among the owners.
 */
export function ownerNameOf(pod: Pod, { replicaSets = [], jobs = [] }: Owners): OwnerName {
  for (const { kind, name } of pod.metadata.ownerReferences) {
    const above =
      kind === 'ReplicaSet'
        ? ownerOf({ kind, name }, pod, replicaSets, 'Deployment')
        : kind === 'Job'
          ? ownerOf({ kind, name }, pod, jobs, 'CronJob')
          : { kind, name };
    if (above !== undefined) {
      return above;
    }
  }
  return { kind: 'Pod', name: pod.metadata.name };
}

/** The owner of that kind of an owner, which stands for itself where it has none; undefined where it has only others. */
function ownerOf(
  reference: OwnerName,
  pod: Pod,
  candidates: readonly Owner[],
  kind: string,
): OwnerName | undefined {
  const { namespace } = pod.metadata;
  const owner = candidates.find(
    ({ metadata }) => metadata.name === reference.name && metadata.namespace === namespace,
  );
  if (owner === undefined) {
    throw new KumulusError('not_found', `${reference.kind} "${namespace}/${reference.name}" not found`);
  }
  const above = owner.metadata.ownerReferences;
  return above.length === 0 ? reference : above.find((one) => one.kind === kind);
}
