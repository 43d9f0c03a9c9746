import type * as z from 'zod';
import * as proto from '../proto-json.ts';
import { metricsBackendSchema } from './dataplane-schema.ts';

/** One certificate authority of a mesh. */
const caBackendSchema = proto.message({
  name: proto.string(),
  /** `builtin` or `provided`. */
  type: proto.string(),
  dpCert: proto.optional(
    proto.message({
      /** How long the certificates of proxies live, as `1d` or `2h30m`; a day unless told. */
      rotation: proto.optional(proto.message({ expiration: proto.string() })),
      requestTimeout: proto.duration(),
    }),
  ),
  conf: proto.struct(),
  /** `STRICT` when absent; `PERMISSIVE` lets inbounds take plain text too. */
  mode: proto.enumeration('CertificateAuthorityBackend.Mode', ['STRICT', 'PERMISSIVE']),
  rootChain: proto.optional(proto.message({ requestTimeout: proto.duration() })),
});

const mtlsSchema = proto.message({
  enabledBackend: proto.string(),
  backends: proto.repeated(caBackendSchema),
  skipValidation: proto.bool(),
});

const tracingSchema = proto.message({
  defaultBackend: proto.string(),
  backends: proto.repeated(
    proto.message({
      name: proto.string(),
      sampling: proto.doubleValue(),
      /** `zipkin` or `datadog`. */
      type: proto.string(),
      conf: proto.struct(),
    }),
  ),
});

const loggingSchema = proto.message({
  defaultBackend: proto.string(),
  backends: proto.repeated(
    proto.message({
      name: proto.string(),
      format: proto.string(),
      /** `file` or `tcp`. */
      type: proto.string(),
      conf: proto.struct(),
    }),
  ),
});

/** Tags that a proxy must have (or must not have); `*` stands for any value. */
const membershipRuleSchema = proto.message({ tags: proto.map() });

const constraintsSchema = proto.message({
  dataplaneProxy: proto.optional(
    proto.message({
      requirements: proto.repeated(membershipRuleSchema),
      restrictions: proto.repeated(membershipRuleSchema),
    }),
  ),
});

/** Kuma's `Mesh` (`api/mesh/v1alpha1/mesh.proto`); members in the order in which the reference prints them. */
export const meshSchema = proto.message({
  mtls: proto.optional(mtlsSchema),
  tracing: proto.optional(tracingSchema),
  logging: proto.optional(loggingSchema),
  metrics: proto.optional(
    proto.message({
      enabledBackend: proto.string(),
      backends: proto.repeated(metricsBackendSchema),
    }),
  ),
  networking: proto.optional(
    proto.message({ outbound: proto.optional(proto.message({ passthrough: proto.boolValue() })) }),
  ),
  routing: proto.optional(
    proto.message({
      localityAwareLoadBalancing: proto.bool(),
      zoneEgress: proto.bool(),
      defaultForbidMeshExternalServiceAccess: proto.bool(),
    }),
  ),
  constraints: proto.optional(constraintsSchema),
  skipCreatingInitialPolicies: proto.strings(),
  meshServices: proto.optional(
    proto.message({
      mode: proto.enumeration('Mesh.MeshServices.Mode', [
        'Disabled',
        'Everywhere',
        'ReachableBackends',
        'Exclusive',
      ]),
    }),
  ),
});

export type MeshSpec = z.output<typeof meshSchema>;
export type MeshMtls = z.output<typeof mtlsSchema>;
export type CaBackend = z.output<typeof caBackendSchema>;
export type MeshTracing = z.output<typeof tracingSchema>;
export type MeshLogging = z.output<typeof loggingSchema>;
export type MembershipRule = z.output<typeof membershipRuleSchema>;
