/** Envoy's type URLs that a proxy is served. */
export const typeUrls = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoint: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  route: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  secret: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
} as const;

export type TypeUrl = (typeof typeUrls)[keyof typeof typeUrls];

/**
 * One Envoy resource, encoded once and shared by every proxy that is sent it. Two of the same content are the same
 * object wherever that can be had cheaply, and always have the same version.
 */
export interface EncodedResource {
  readonly name: string;
  readonly typeUrl: TypeUrl;
  /** A hash of the content. */
  readonly version: string;
  /** A whole `envoy.service.discovery.v3.Resource` (name, version, resource), for incremental responses. */
  readonly delta: Uint8Array;
  /** A view into `delta`: the `google.protobuf.Any`, for state-of-the-world responses. */
  readonly any: Uint8Array;
}

/** What one proxy is to have. Immutable; shares the maps of types that did not change with the one before. */
export interface Snapshot {
  /** The revision of the mesh that it was made from. */
  readonly revision: number;
  readonly resources: Readonly<Record<TypeUrl, ReadonlyMap<string, EncodedResource>>>;
}
