import * as z from 'zod';
import { dnsLabelDeprecations } from '../names.ts';
import type { ResourceType } from '../resource-type.ts';
import { int32, intOrString, withDefault, withoutNulls } from '../spec-fields.ts';
import { Violations } from '../violations.ts';
import { addressesSchema, hostnameGeneratorsSchema, vipSchema } from './service-status.ts';

const portSchema = withoutNulls(
  ['targetPort'],
  z.object({
    /** The port's number where it has no name. */
    name: z.string().describe('What policies call the port; its number when absent.').exactOptional(),
    port: int32().describe('Where consumers reach the service.'),
    targetPort: intOrString()
      .describe('The inbound that it leads to, by port or name; the port of the same number when absent.')
      .exactOptional(),
    // The reference takes any text here and treats what it does not know as TCP.
    appProtocol: withDefault('tcp', z.string()),
  }),
);

/** Kuma's `MeshService`: a service of the mesh, its Dataplanes and its ports. The reference checks next to nothing of it. */
export const meshServiceSchema = z.object({
  state: withDefault('Unavailable', z.enum(['Available', 'Unavailable'])).describe(
    'Whether anything that is healthy serves it.',
  ),
  selector: z
    .object({
      dataplaneTags: z
        .record(z.string(), z.string())
        .describe('Dataplanes with an inbound, or a gateway, that has all of these tags.')
        .exactOptional(),
      dataplaneRef: z
        .object({ name: z.string().exactOptional() })
        .describe('One Dataplane; counts before tags.')
        .exactOptional(),
    })
    .prefault({}),
  ports: z.array(portSchema).exactOptional(),
  identities: z
    .array(z.object({ type: z.enum(['ServiceTag', 'SpiffeID']), value: z.string() }))
    .describe('Who its Dataplanes are, so that consumers know whom to trust.')
    .exactOptional(),
});

export type MeshServiceSpec = z.output<typeof meshServiceSchema>;

const count = () => z.int({ error: 'integer' }).exactOptional();

const statusSchema = z.object({
  addresses: addressesSchema.exactOptional(),
  vips: z.array(vipSchema).exactOptional(),
  tls: z.object({ status: z.enum(['Ready', 'NotReady']).exactOptional() }).exactOptional(),
  hostnameGenerators: hostnameGeneratorsSchema.exactOptional(),
  dataplaneProxies: z.object({ connected: count(), healthy: count(), total: count() }).exactOptional(),
});

export const meshServiceType: ResourceType<MeshServiceSpec> = {
  name: 'MeshService',
  scope: 'Mesh',
  path: 'meshservices',
  singularDisplayName: 'Mesh Service',
  pluralDisplayName: 'Mesh Services',
  shortName: 'msvc',
  readOnly: false,
  layout: 'spec',
  secret: false,
  includeInFederation: false,
  providedByZone: true,
  schema: meshServiceSchema,
  status: { schema: statusSchema, initial: { tls: {}, dataplaneProxies: {} } },
  maxDisplayNameLength: 63,
  validate: () => new Violations(),
  deprecations: (_, displayName) => dnsLabelDeprecations('MeshService', displayName),
};
