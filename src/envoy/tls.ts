import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { packed } from './any.ts';
import { fromAds } from './cluster.ts';
import {
  type DataSource,
  DataSourceSchema,
  type TransportSocket,
  TransportSocketSchema,
} from './gen/envoy/config/core/v3/base_pb.ts';
import {
  type CertificateValidationContextSchema,
  SubjectAltNameMatcher_SanType,
} from './gen/envoy/extensions/transport_sockets/tls/v3/common_pb.ts';
import { type Secret, SecretSchema } from './gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.ts';
import {
  type CommonTlsContextSchema,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from './gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.ts';

/** How the name in the other side's certificate is checked. */
export interface SubjectMatch {
  readonly kind: 'uri' | 'dns';
  readonly match: 'exact' | 'prefix';
  readonly value: string;
}

/** TLS with a certificate and trusted authorities that come by SDS, over the stream that everything comes by. */
export interface SdsTls {
  /** The name of the secret with this side's certificate. */
  readonly certificate: string;
  /** The name of the secret with the trusted authorities. */
  readonly authorities: string;
  readonly subjects: readonly SubjectMatch[];
}

/** Ends TLS and demands a certificate of the client. */
export function serverTls(tls: SdsTls): TransportSocket {
  return transportSocket(
    packed(DownstreamTlsContextSchema, {
      commonTlsContext: commonContext(tls),
      requireClientCertificate: true,
    }),
  );
}

/** Speaks TLS to the members of a cluster. */
export function clientTls(
  tls: SdsTls & { readonly serverName: string; readonly alpn: string[] },
): TransportSocket {
  return transportSocket(
    packed(UpstreamTlsContextSchema, {
      commonTlsContext: { ...commonContext(tls), alpnProtocols: tls.alpn },
      sni: tls.serverName,
    }),
  );
}

/** Key material as PEM. */
export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

/** Ends TLS with the given certificate and demands one of the client, whose names must match. */
export function staticServerTls(
  pair: PemPair,
  clientCa: string,
  subjects: readonly SubjectMatch[],
): TransportSocket {
  return transportSocket(
    packed(DownstreamTlsContextSchema, {
      commonTlsContext: {
        tlsCertificates: [{ certificateChain: inline(pair.certificate), privateKey: inline(pair.key) }],
        validationContextType: {
          case: 'validationContext',
          value: { trustedCa: inline(clientCa), ...subjectMatchers(subjects) },
        },
      },
      requireClientCertificate: true,
    }),
  );
}

/** A secret that holds a certificate with its key. */
export function certificateSecret(name: string, pair: PemPair): Secret {
  return create(SecretSchema, {
    name,
    type: {
      case: 'tlsCertificate',
      value: { certificateChain: inline(pair.certificate), privateKey: inline(pair.key) },
    },
  });
}

/** A secret that holds trusted authorities. */
export function authoritySecret(name: string, authorities: string): Secret {
  return create(SecretSchema, {
    name,
    type: { case: 'validationContext', value: { trustedCa: inline(authorities) } },
  });
}

function transportSocket(value: ReturnType<typeof packed>): TransportSocket {
  return create(TransportSocketSchema, {
    name: 'envoy.transport_sockets.tls',
    configType: { case: 'typedConfig', value },
  });
}

function commonContext(tls: SdsTls): MessageInitShape<typeof CommonTlsContextSchema> {
  return {
    tlsCertificateSdsSecretConfigs: [{ name: tls.certificate, sdsConfig: fromAds }],
    validationContextType: {
      case: 'combinedValidationContext',
      value: {
        defaultValidationContext: subjectMatchers(tls.subjects),
        validationContextSdsSecretConfig: { name: tls.authorities, sdsConfig: fromAds },
      },
    },
  };
}

function subjectMatchers(
  subjects: readonly SubjectMatch[],
): MessageInitShape<typeof CertificateValidationContextSchema> {
  return {
    matchTypedSubjectAltNames: subjects.map(({ kind, match, value }) => ({
      sanType: kind === 'uri' ? SubjectAltNameMatcher_SanType.URI : SubjectAltNameMatcher_SanType.DNS,
      matcher: { matchPattern: { case: match, value } },
    })),
  };
}

function inline(text: string): DataSource {
  return create(DataSourceSchema, {
    specifier: { case: 'inlineBytes', value: new TextEncoder().encode(text) },
  });
}
