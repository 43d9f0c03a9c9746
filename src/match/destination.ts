import * as z from 'zod';
import type { MeshContext } from '../context/mesh-context.ts';
import { displayNameOf } from '../model/kri.ts';
import { labelNames } from '../model/labels.ts';
import type { Resource } from '../model/resource.ts';
import type { TargetRef } from '../policies/common/target-ref.ts';
import type { Policy } from './policy.ts';

/** A resource that traffic is sent to, or a section of it. */
export interface Destination {
  readonly resource: Resource;
  /** The name of the port, or its number where it has no name; empty for the whole resource. */
  readonly sectionName: string;
}

/** Which part of the resources a target names. */
interface Section {
  readonly port?: number;
  readonly name?: string;
}

/** The resources that an entry of a policy targets; none for kinds that are about tags. */
export function resolveTarget(
  targetRef: TargetRef,
  policy: Policy,
  context: MeshContext,
): readonly Destination[] {
  const { kind, labels = {}, sectionName } = targetRef;
  if (kind === 'MeshSubset' || kind === 'MeshServiceSubset') {
    return [];
  }
  const named = sectionName === undefined || sectionName === '' ? {} : { name: sectionName };
  if (Object.keys(labels).length > 0) {
    return sections(byLabels(kind, labels, context), named);
  }
  const old =
    kind === 'MeshService' && named.name === undefined ? oldService(targetRef.name ?? '') : undefined;
  return old === undefined
    ? sections(byName(targetRef, policy, context), named)
    : sections(byLabels(kind, old.labels, context), old.section);
}

/** Whether what is said about one destination goes for another one too: about the mesh, or about the whole of it. */
export function covers(one: Destination, other: Destination): boolean {
  if (one.resource.type === 'Mesh') {
    return one.resource.name === (other.resource.type === 'Mesh' ? other.resource.name : other.resource.mesh);
  }
  return (
    sameResource(one.resource, other.resource) &&
    (one.sectionName === '' || one.sectionName === other.sectionName)
  );
}

/** Whether two are the same one. */
export function sameDestination(one: Destination, other: Destination): boolean {
  return sameResource(one.resource, other.resource) && one.sectionName === other.sectionName;
}

function sameResource(a: Resource, b: Resource): boolean {
  return a.type === b.type && a.mesh === b.mesh && a.name === b.name;
}

function all(kind: string, { resources }: MeshContext): readonly Resource[] {
  return [...(resources.get(kind)?.values() ?? [])];
}

function byLabels(
  kind: string,
  labels: Readonly<Record<string, string>>,
  context: MeshContext,
): readonly Resource[] {
  return all(kind, context).filter((resource) =>
    Object.entries(labels).every(([name, value]) => resource.labels[name] === value),
  );
}

function byName({ kind, name, namespace }: TargetRef, policy: Policy, context: MeshContext) {
  if (kind === 'Mesh') {
    return all('Mesh', context).filter((mesh) => mesh.name === policy.mesh);
  }
  const zone = policy.labels[labelNames.zone] ?? '';
  const ownNamespace = policy.labels[labelNames.namespace] ?? '';
  const wanted = namespace === undefined || namespace === '' ? ownNamespace : namespace;
  return all(kind, context).filter(
    (resource) =>
      displayNameOf(resource) === name &&
      (resource.labels[labelNames.zone] ?? '') === zone &&
      (resource.labels[labelNames.namespace] ?? '') === wanted,
  );
}

/** The names that Kuma gave to services of Kubernetes before there were MeshServices: `<name>_<namespace>_svc[_<port>]`. */
function oldService(name: string) {
  const [service = '', namespace = '', , port, ...more] = name.split('_');
  const parts = name.split('_').length;
  if (more.length > 0 || parts < 3 || (port !== undefined && !/^[+-]?\d+$/.test(port))) {
    return undefined;
  }
  return {
    labels: { [labelNames.namespace]: namespace, [labelNames.displayName]: service },
    section: port === undefined || Number(port) === 0 ? {} : { port: Number(port) },
  };
}

const portSchema = z.object({ port: z.number(), name: z.string().optional() });
const withPorts = z.object({ ports: z.array(portSchema) });
const withMatch = z.object({ match: portSchema });

/** The ports of a destination; undefined for resources that have none, which are never divided into sections. */
function portsOf({ spec }: Resource): readonly z.output<typeof portSchema>[] | undefined {
  const single = withMatch.safeParse(spec).data?.match;
  return withPorts.safeParse(spec).data?.ports ?? (single === undefined ? undefined : [single]);
}

function sections(resources: readonly Resource[], { port, name }: Section): readonly Destination[] {
  return resources.flatMap((resource) => {
    const ports = portsOf(resource);
    if (ports === undefined || (port === undefined && name === undefined)) {
      return [{ resource, sectionName: '' }];
    }
    const found = ports.find((one) => (port === undefined ? sectionOf(one) === name : one.port === port));
    return found === undefined ? [] : [{ resource, sectionName: sectionOf(found) }];
  });
}

function sectionOf({ name, port }: z.output<typeof portSchema>): string {
  return name === undefined || name === '' ? String(port) : name;
}
