import type * as z from 'zod';
import * as proto from '../../proto-json.ts';
import { insightType } from './insight-type.ts';

const dataplaneStatSchema = proto.message({
  total: proto.uint32(),
  online: proto.uint32(),
  offline: proto.uint32(),
  partiallyDegraded: proto.uint32(),
});

const totalSchema = proto.message({ total: proto.uint32() });

const meshInsightSchema = proto.message({
  dataplanes: proto.optional(dataplaneStatSchema),
  /** By type; those of {@link resources} that are policies. */
  policies: proto.messageMap(totalSchema),
  dpVersions: proto.optional(
    proto.message({
      /** By version, `unknown` where the proxy did not say. */
      kumaDp: proto.messageMap(dataplaneStatSchema),
      envoy: proto.messageMap(dataplaneStatSchema),
    }),
  ),
  mTLS: proto.optional(
    proto.message({
      issuedBackends: proto.messageMap(dataplaneStatSchema),
      supportedBackends: proto.messageMap(dataplaneStatSchema),
    }),
  ),
  services: proto.optional(
    proto.message({ total: proto.uint32(), internal: proto.uint32(), external: proto.uint32() }),
  ),
  dataplanesByType: proto.optional(
    proto.message({
      standard: proto.optional(dataplaneStatSchema),
      gateway: proto.optional(dataplaneStatSchema),
      gatewayBuiltin: proto.optional(dataplaneStatSchema),
      gatewayDelegated: proto.optional(dataplaneStatSchema),
    }),
  ),
  /** By type; types of which there are none are left out. */
  resources: proto.messageMap(totalSchema),
});

export type MeshInsightSpec = z.output<typeof meshInsightSchema>;
/** Counts of proxies by status; what is 0 is left out. */
export type DataplaneStat = z.output<typeof dataplaneStatSchema>;

/** Kuma's `MeshInsight`: what there is in a mesh, counted (`api/mesh/v1alpha1/mesh_insight.proto`). */
export const meshInsightType = insightType({
  name: 'MeshInsight',
  scope: 'Global',
  path: 'mesh-insights',
  singularDisplayName: 'Mesh Insight',
  pluralDisplayName: 'Mesh Insights',
  providedByZone: false,
  schema: meshInsightSchema,
});
