import { isIP } from 'node:net';
import { formatProtoDuration } from '../../model/duration.ts';

/** Where a proxy finds the control plane and what it is to trust there. */
export interface ControlPlaneAddress {
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** The host has IPv4 addresses only, so Envoy need not ask for others. */
  readonly ipv4Only: boolean;
}

type Part = Readonly<Record<string, unknown>>;

const http2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicitHttpConfig: { http2ProtocolOptions: {} },
  },
};

/** Seconds and counts of Kuma: a dead control plane is noticed after 40 seconds. */
const keepalive = { tcpKeepalive: { keepaliveProbes: 3, keepaliveTime: 10, keepaliveInterval: 10 } };

function assignment(clusterName: string, address: Part): Part {
  return { clusterName, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] };
}

function duration(milliseconds: number): string {
  return formatProtoDuration(BigInt(milliseconds) * 1_000_000n);
}

/** A path of a unix socket has room for some hundred bytes; Kuma cuts its own at 98. */
const maxSocketLength = 98;

export interface AccessLogClusterOptions {
  readonly name: string;
  /** The path of the unix socket without its ending `.sock`. */
  readonly socket: string;
  readonly connectTimeoutMs: number;
}

/** Where Envoy sends access logs: kuma-dp, on a unix socket. */
export function accessLogCluster({ name, socket, connectTimeoutMs }: AccessLogClusterOptions): Part {
  return {
    name,
    type: 'STATIC',
    connectTimeout: duration(connectTimeoutMs),
    upstreamConnectionOptions: keepalive,
    loadAssignment: assignment(name, { pipe: { path: `${socket.slice(0, maxSocketLength)}.sock` } }),
    typedExtensionProtocolOptions: http2,
  };
}

export interface AdsClusterOptions {
  readonly name: string;
  readonly controlPlane: ControlPlaneAddress;
  readonly connectTimeoutMs: number;
}

/** The control plane, by TLS. */
export function adsCluster({ name, controlPlane, connectTimeoutMs }: AdsClusterOptions): Part {
  const { host, port, ipv4Only } = controlPlane;
  return {
    name,
    type: isIP(host) === 0 ? 'STRICT_DNS' : 'STATIC',
    ...(ipv4Only ? { dnsLookupFamily: 'V4_ONLY' } : {}),
    connectTimeout: duration(connectTimeoutMs),
    upstreamConnectionOptions: keepalive,
    loadAssignment: assignment(name, { socketAddress: { address: host, portValue: port } }),
    typedExtensionProtocolOptions: http2,
    transportSocket: {
      name: 'envoy.transport_sockets.tls',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        sni: host,
        commonTlsContext: {
          tlsParams: { tlsMinimumProtocolVersion: 'TLSv1_2' },
          validationContextSdsSecretConfig: { name: 'cp_validation_ctx' },
        },
      },
    },
  };
}

export interface GrpcServiceOptions {
  readonly cluster: string;
  /** Empty without one. */
  readonly token: string;
  /** The file that Envoy reads the token from for each stream; empty where it is given the token itself. */
  readonly tokenFile: string;
  readonly controlPlane: ControlPlaneAddress;
}

/** How Envoy calls the control plane, and proves who it is. */
export function grpcService({ cluster, token, tokenFile, controlPlane }: GrpcServiceOptions): Part {
  if (tokenFile !== '') {
    return { googleGrpc: googleGrpc(tokenFile, controlPlane) };
  }
  return {
    envoyGrpc: { clusterName: cluster },
    ...(token === '' ? {} : { initialMetadata: [{ key: 'authorization', value: token }] }),
  };
}

/** Only Google's gRPC client can read credentials from a file. Times are milliseconds, and Kuma's. */
function googleGrpc(tokenFile: string, { host, port, ca }: ControlPlaneAddress): Part {
  const credentials = 'envoy.grpc_credentials.file_based_metadata';
  return {
    targetUri: `${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    statPrefix: 'ads',
    credentialsFactoryName: credentials,
    callCredentials: [
      {
        fromPlugin: {
          name: credentials,
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.config.grpc_credential.v3.FileBasedMetadataConfig',
            secretData: { filename: tokenFile },
          },
        },
      },
    ],
    channelCredentials: {
      sslCredentials: { rootCerts: { inlineBytes: Buffer.from(ca).toString('base64') } },
    },
    channelArgs: {
      args: {
        'grpc.keepalive_time_ms': { intValue: '10000' },
        'grpc.keepalive_timeout_ms': { intValue: '30000' },
        'grpc.http2.max_pings_without_data': { intValue: '0' },
      },
    },
  };
}
