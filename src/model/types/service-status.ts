import * as z from 'zod';

/** What has been found out about something, as Kubernetes tells it (`metav1.Condition`, without its times). */
export const conditionSchema = z.object({
  type: z
    .string()
    .max(316)
    .regex(
      /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/,
    ),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z
    .string()
    .max(1024)
    .min(1)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32_768),
});

const generatorRefSchema = z.object({ coreName: z.string() });

/** The host names of a service, by which its consumers reach it. */
export const addressesSchema = z.array(
  z.object({
    hostname: z.string().exactOptional(),
    origin: z.string().exactOptional(),
    hostnameGeneratorRef: generatorRefSchema.exactOptional(),
  }),
);

/** What each HostnameGenerator that is for a service came to. */
export const hostnameGeneratorsSchema = z.array(
  z.object({
    hostnameGeneratorRef: generatorRefSchema,
    conditions: z.array(conditionSchema).exactOptional(),
  }),
);

/** A virtual address that stands for a service in one mesh. */
export const vipSchema = z.object({ ip: z.string().exactOptional() });
