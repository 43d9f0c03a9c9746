import * as z from 'zod';
import { duration } from '../../spec-fields.ts';
import { labelSelectorSchema } from '../label-selector.ts';
import { secureDataSourceSchema } from '../secure-data-source.ts';
import { conditionSchema } from '../service-status.ts';

const bundledSchema = z.object({
  meshTrustCreation: z
    .enum(['Enabled', 'Disabled'])
    .describe('Whether a MeshTrust is made of its authority; it is when absent.')
    .exactOptional(),
  insecureAllowSelfSigned: z.boolean().exactOptional(),
  autogenerate: z
    .object({ enabled: z.boolean().exactOptional() })
    .describe('Whether the control plane makes the authority.')
    .exactOptional(),
  ca: z
    .object({
      certificate: secureDataSourceSchema.exactOptional(),
      privateKey: secureDataSourceSchema.exactOptional(),
    })
    .exactOptional(),
  certificateParameters: z
    .object({ expiry: duration().describe('How long a certificate is good.').exactOptional() })
    .exactOptional(),
});

const spireSchema = z.object({
  agent: z
    .object({ timeout: duration().describe('For connecting to the agent; 1s when absent.').exactOptional() })
    .exactOptional(),
});

/** Kuma's `MeshIdentity`: which SPIFFE IDs Dataplanes have, and who vouches for them. */
export const meshIdentitySchema = z.object({
  selector: z
    .object({ dataplane: labelSelectorSchema.exactOptional() })
    .describe('The Dataplanes that it is for; none when absent.')
    .exactOptional(),
  spiffeID: z
    .object({
      trustDomain: z
        .string()
        .describe("A template; '{{ .Mesh }}.{{ .Zone }}.mesh.local' when absent.")
        .exactOptional(),
      path: z.string().describe("A template; '/workload/{{ .Workload }}' when absent.").exactOptional(),
    })
    .exactOptional(),
  provider: z
    .object({
      type: z.enum(['Bundled', 'Spire']),
      bundled: bundledSchema.exactOptional(),
      spire: spireSchema.exactOptional(),
    })
    .exactOptional(),
});

export type MeshIdentitySpec = z.output<typeof meshIdentitySchema>;
export type BundledProvider = z.output<typeof bundledSchema>;
export type SpireProvider = z.output<typeof spireSchema>;

export const meshIdentityStatusSchema = z.object({ conditions: z.array(conditionSchema).exactOptional() });
