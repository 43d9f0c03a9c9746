import * as z from 'zod';

// What injection looks at of Kubernetes' core/v1; all else passes through as it came.

/** Manifests forget quotes, and Kubernetes' reader of YAML adds them where a text belongs. */
const textSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String);
/** A number, or the name of a port. */
const portSchema = z.union([z.int(), z.string()]);
const headerSchema = z.looseObject({ name: z.string(), value: textSchema.default('') });

export const probeSchema = z.looseObject({
  httpGet: z
    .looseObject({
      path: z.string().optional(),
      port: portSchema,
      scheme: z.string().optional(),
      httpHeaders: z.array(headerSchema).optional(),
    })
    .optional(),
  tcpSocket: z.looseObject({ port: portSchema }).optional(),
  grpc: z.looseObject({ port: z.int(), service: z.string().optional() }).optional(),
  timeoutSeconds: z.int().optional(),
});
export type Probe = z.output<typeof probeSchema>;

const mountSchema = z.looseObject({ name: z.string(), mountPath: z.string() });
export type VolumeMount = z.output<typeof mountSchema>;

export const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string().optional(),
  command: z.array(textSchema).optional(),
  args: z.array(textSchema).optional(),
  env: z.array(z.looseObject({ name: z.string(), value: textSchema.optional() })).optional(),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.int() })).optional(),
  resources: z.looseObject({}).default({}),
  securityContext: z.looseObject({ runAsUser: z.int().optional() }).optional(),
  restartPolicy: z.string().optional(),
  volumeMounts: z.array(mountSchema).optional(),
  livenessProbe: probeSchema.optional(),
  readinessProbe: probeSchema.optional(),
  startupProbe: probeSchema.optional(),
});
export type Container = z.output<typeof containerSchema>;

const volumeSchema = z.looseObject({ name: z.string() });
export type Volume = z.output<typeof volumeSchema>;

const namesSchema = z.record(z.string(), textSchema);

/** What is read of the metadata of every object. */
const metadataSchema = z.looseObject({
  name: z.string().optional(),
  namespace: z.string().optional(),
  labels: namesSchema.optional(),
  annotations: namesSchema.optional(),
});

export const podSchema = z.looseObject({
  metadata: metadataSchema.default({}),
  spec: z.looseObject({
    containers: z.array(containerSchema).default([]),
    initContainers: z.array(containerSchema).optional(),
    volumes: z.array(volumeSchema).optional(),
  }),
  status: z.looseObject({}).default({}),
});
export type Pod = z.output<typeof podSchema>;

/** What injection knows of a pod's namespace. */
export interface Namespace {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The names of Kuma's containers in a pod. */
export const sidecarContainerName = 'kuma-sidecar';
export const initContainerName = 'kuma-init';
export const validationContainerName = 'kuma-validation';
