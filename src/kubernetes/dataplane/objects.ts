import * as z from 'zod';
import { unreadable } from '../../model/envelope.ts';
import { issuePath } from '../../model/schema-issues.ts';

/**
 * What the conversion reads of Kubernetes' objects (https://kubernetes.io/docs/reference/kubernetes-api); the rest is
 * dropped. As in Go, a null and what is missing are an empty text, list, map or object.
 */

/** Numbers and booleans count as text: manifests forget the quotes, and Kubernetes' reader of YAML adds them. */
export const text = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) => (value === undefined || value === null ? '' : String(value)));

/** Labels, annotations and the like; none where the document has none. */
export const textMap = z
  .record(z.string(), text)
  .nullish()
  .transform((value): Readonly<Record<string, string>> => value ?? {});

/** A list, empty where there is none. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((value): readonly z.output<Item>[] => value ?? []);
}

/** An object that is there even where the document has none. */
function part<Shape extends z.ZodRawShape>(shape: Shape) {
  const schema = z.object(shape);
  const empty = schema.parse({});
  return schema.nullish().transform((value) => value ?? empty);
}

/** Something that is undefined where the document has none. */
function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

const port = z
  .int()
  .min(0)
  .max(65_535)
  .nullish()
  .transform((value) => value ?? 0);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const portOrName = maybe(z.union([z.int().min(0).max(65_535), z.string()]));

const metadata = part({
  name: text,
  namespace: text,
  uid: text,
  labels: textMap,
  annotations: textMap,
  ownerReferences: listOf(z.object({ kind: text, name: text })),
  deletionTimestamp: text,
});

const probeSchema = z.object({ httpGet: maybe(z.object({ path: text, port: portOrName })) });

const containerSchema = z.object({
  name: text,
  restartPolicy: text,
  ports: listOf(z.object({ name: text, containerPort: port, protocol: text })),
  livenessProbe: maybe(probeSchema),
  readinessProbe: maybe(probeSchema),
  startupProbe: maybe(probeSchema),
});

const containerStatuses = listOf(z.object({ name: text, ready: flag }));

/** `core/v1`: a pod, with what its containers listen on, how they are probed, and how they are. */
export const podSchema = z.object({
  metadata,
  spec: part({
    serviceAccountName: text,
    nodeName: text,
    initContainers: listOf(containerSchema),
    containers: listOf(containerSchema),
  }),
  status: part({
    phase: text,
    reason: text,
    podIP: text,
    containerStatuses,
    initContainerStatuses: containerStatuses,
  }),
});

const servicePortSchema = z.object({
  name: text,
  protocol: text,
  port,
  targetPort: portOrName,
  appProtocol: text,
  nodePort: port,
});

/** `core/v1`: a Service, with whom it selects and where it is reached. */
export const serviceSchema = z.object({
  metadata,
  spec: part({ type: text, clusterIP: text, selector: textMap, ports: listOf(servicePortSchema) }),
  status: part({ loadBalancer: part({ ingress: listOf(z.object({ ip: text, hostname: text })) }) }),
});

/** `core/v1`: a Node, with its labels and addresses. */
export const nodeSchema = z.object({
  metadata,
  status: part({ addresses: listOf(z.object({ type: text, address: text })) }),
});

/** A ReplicaSet or a Job: all that matters is who owns it. */
export const ownerSchema = z.object({ metadata });

/** `core/v1`: a Namespace, which is `Terminating` while what is in it goes. */
export const namespaceSchema = z.object({ metadata, status: part({ phase: text }) });

/** `discovery.k8s.io/v1`: the endpoints of a Service, which its label `kubernetes.io/service-name` names. */
export const endpointSliceSchema = z.object({
  metadata,
  endpoints: listOf(z.object({ targetRef: part({ uid: text }) })),
});

export type Pod = z.output<typeof podSchema>;
export type Container = z.output<typeof containerSchema>;
export type Probe = z.output<typeof probeSchema>;
export type Service = z.output<typeof serviceSchema>;
export type ServicePort = z.output<typeof servicePortSchema>;
export type Node = z.output<typeof nodeSchema>;
export type Owner = z.output<typeof ownerSchema>;
export type Namespace = z.output<typeof namespaceSchema>;
export type EndpointSlice = z.output<typeof endpointSliceSchema>;

/**
 * Reads an object of Kubernetes.
 *
 * @param kind what errors call it.
 * @throws KumulusError `bad_request` that names the first field which has another type.
 */
export function readObject<Schema extends z.ZodType>(
  schema: Schema,
  kind: string,
  document: unknown,
): z.output<Schema> {
  const read = schema.safeParse(document);
  if (read.success) {
    return read.data;
  }
  const [issue] = read.error.issues;
  throw unreadable({ name: kind }, `${issuePath(issue?.path ?? [])}: ${issue?.message ?? ''}`);
}
