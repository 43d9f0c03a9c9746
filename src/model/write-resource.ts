import { processingTitle } from './envelope.ts';
import { KumulusError } from './errors.ts';
import { displayNameOf } from './kri.ts';
import { computeLabels, type LabelContext, type Labels, labelNames, validateLabelChange } from './labels.ts';
import { dnsLabelProblems } from './names.ts';
import type { ParsedResource } from './parse-resource.ts';
import type { Resource, ResourceKey } from './resource.ts';
import type { ResourceType } from './resource-type.ts';
import { Violations } from './violations.ts';

/** A resource ready for the store. */
export interface WritableResource<Spec = unknown> extends ResourceKey {
  readonly labels: Labels;
  readonly spec: Spec;
}

/**
 * Turns what a request says into what is stored: labels computed, what the control plane knows filled in, and the
 * rules for the step from the stored version checked. Without a stored version the resource is new.
 *
 * @throws KumulusError `invalid` where labels that never change would, or the type's rules for changes are broken;
 *   `bad_request` where a new proxy's workload label is no DNS label.
 */
export function prepareWrite<Spec>(
  type: ResourceType<Spec>,
  parsed: ParsedResource<Spec>,
  stored: Resource<Spec> | undefined,
  context: Omit<LabelContext, 'mesh'>,
): WritableResource<Spec> {
  const labelContext = { ...context, mesh: parsed.key.mesh };
  const creating = stored === undefined;
  if (creating) {
    requireWorkloadLabel(type, parsed.labels);
  } else {
    const change = validateLabelChange(type, stored.labels, parsed.labels, labelContext);
    refuse('Could not update a resource', change);
  }
  const spec = type.prepare?.(parsed.spec, { zone: context.zone, creating }) ?? parsed.spec;
  const title = creating ? 'Failed to create a resource' : 'Failed to update a resource';
  refuse(title, validateDisplayName(type, parsed));
  const change = type.validateChange?.(parsed.key.name, stored?.spec, spec);
  if (change !== undefined) {
    refuse(title, change);
  }
  const labels = computeLabels(type, spec, parsed.labels, labelContext);
  // A role limits what a policy may target, which the reference looks at after all else.
  if (labels[labelNames.policyRole] !== undefined) {
    refuse(title, type.validate(spec, { ...parsed.key, labels }));
  }
  return { ...parsed.key, labels, spec };
}

/**
 * Checks a resource that did not come with a request of its own, such as a proxy's Dataplane.
 *
 * @throws KumulusError `invalid` with all violations.
 */
export function requireValid<Spec>(type: ResourceType<Spec>, resource: WritableResource<Spec>): void {
  refuse(processingTitle, type.validate(resource.spec, resource));
}

/** A name that becomes a part of host names must fit there. The reference looks at it only when it stores a resource. */
function validateDisplayName<Spec>(
  { maxDisplayNameLength }: ResourceType<Spec>,
  { key, labels }: ParsedResource<Spec>,
): Violations {
  const violations = new Violations();
  const length = Buffer.byteLength(displayNameOf({ name: key.name, labels }));
  if (maxDisplayNameLength !== undefined && length > maxDisplayNameLength) {
    violations.add('name', `must not be longer than ${maxDisplayNameLength} characters`);
  }
  return violations;
}

/** Proxies are grouped into workloads by name (RFC 1035). */
function requireWorkloadLabel<Spec>(type: ResourceType<Spec>, labels: Labels): void {
  const workload = labels[labelNames.workload];
  if (type.proxyType === undefined || workload === undefined || workload === '') {
    return;
  }
  const problems = dnsLabelProblems(workload);
  if (problems.length > 0) {
    throw new KumulusError(
      'bad_request',
      `bad request: labels[${JSON.stringify(labelNames.workload)}]: must be a valid DNS-1035 label (at most 63 characters, ` +
        `matching regex [a-z]([-a-z0-9]*[a-z0-9])?): ${problems.join('; ')}`,
    );
  }
}

function refuse(title: string, violations: Violations): void {
  if (!violations.empty) {
    throw new KumulusError('invalid', 'Resource is not valid', { title, violations: violations.list });
  }
}
