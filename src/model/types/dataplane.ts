export {
  type DataplaneSpec,
  dataplaneSchema,
  type Gateway,
  type Inbound,
  type MetricsBackend,
  type Networking,
  type Outbound,
  type TransparentProxying,
} from './dataplane-schema.ts';
