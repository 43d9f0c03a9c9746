import * as z from 'zod';
import type { ControlPlane } from './control-plane.ts';

/** What an Envoy itself shows of its identity and its connections. */
export interface EnvoyEvidence {
  /** The SPIFFE ids in the certificate that it presents. */
  readonly identities: readonly string[];
  /** RFC 3339. */
  readonly certificateExpires: string | undefined;
  /** TLS handshakes with other proxies that it finished, on either side. */
  readonly handshakes: number;
  /** Such as `TLSv1.3`. */
  readonly tlsVersions: readonly string[];
  /** Connections that MeshTrafficPermission let in, and kept out. */
  readonly allowed: number;
  readonly denied: number;
}

/** What the control plane knows of a proxy. */
export interface ControlPlaneEvidence {
  readonly online: boolean;
  /** Responses sent and acknowledged, for each kind of configuration. */
  readonly versions: readonly {
    readonly kind: string;
    readonly sent: number;
    readonly acknowledged: number;
  }[];
  readonly rejected: number;
  /** RFC 3339. */
  readonly certificateExpires: string | undefined;
}

const certificates = z.object({
  certificates: z.array(
    z.object({
      cert_chain: z
        .array(
          z.object({
            subject_alt_names: z.array(z.object({ uri: z.string().optional() })).default([]),
            expiration_time: z.string(),
          }),
        )
        .default([]),
    }),
  ),
});

const stats = z.object({
  stats: z.array(z.object({ name: z.string().optional(), value: z.unknown() })),
});

const counts = z.object({
  responsesSent: z.coerce.number().default(0),
  responsesAcknowledged: z.coerce.number().default(0),
  responsesRejected: z.coerce.number().default(0),
});

const overview = z.object({
  dataplaneInsight: z
    .object({
      subscriptions: z
        .array(
          z.object({
            connectTime: z.string().optional(),
            disconnectTime: z.string().optional(),
            status: z
              .object({
                total: counts.optional(),
                cds: counts.optional(),
                eds: counts.optional(),
                lds: counts.optional(),
                rds: counts.optional(),
              })
              .optional(),
          }),
        )
        .default([]),
      mTLS: z.object({ certificateExpirationTime: z.string().optional() }).optional(),
    })
    .optional(),
});

/** Asks an Envoy's admin API on 127.0.0.1; undefined where there is no such Envoy. */
export async function askEnvoy(adminPort: number): Promise<EnvoyEvidence | undefined> {
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${adminPort}${path}`, {
      signal: AbortSignal.timeout(5_000),
    });
    return answer.json();
  };
  try {
    const chains = certificates.parse(await ask('/certs')).certificates.flatMap((one) => one.cert_chain);
    const own = chains.filter((one) =>
      one.subject_alt_names.some((name) => name.uri?.startsWith('spiffe://')),
    );
    const numbers = stats
      .parse(await ask('/stats?format=json&filter=(ssl|rbac)'))
      .stats.filter(
        (stat): stat is { name: string; value: number } =>
          typeof stat.value === 'number' && stat.name !== undefined,
      );
    // The stream to the control plane is TLS too, and is not what this is about.
    const mesh = numbers.filter((stat) => !stat.name.startsWith('cluster.ads_cluster.'));
    const sum = (pattern: RegExp) =>
      mesh.filter((stat) => pattern.test(stat.name)).reduce((total, stat) => total + stat.value, 0);
    const versions = mesh.flatMap((stat) =>
      stat.value > 0 ? (/ssl\.versions\.(\S+)$/.exec(stat.name)?.slice(1) ?? []) : [],
    );
    const identities = own.flatMap((one) => one.subject_alt_names.flatMap((name) => name.uri ?? []));
    return {
      identities: [...new Set(identities)].filter((uri) => uri.startsWith('spiffe://')),
      certificateExpires: own[0]?.expiration_time,
      handshakes: sum(/\.ssl\.handshake$/),
      tlsVersions: [...new Set(versions)],
      allowed: sum(/rbac\.allowed$/),
      denied: sum(/rbac\.denied$/),
    };
  } catch {
    return undefined;
  }
}

/** Asks the control plane for a Dataplane's overview; undefined where it knows none. */
export async function askControlPlane(
  controlPlane: Pick<ControlPlane, 'get'>,
  name: string,
  mesh = 'default',
): Promise<ControlPlaneEvidence | undefined> {
  const answer = await controlPlane.get(`/meshes/${mesh}/dataplanes/${name}/_overview`);
  const insight = overview.safeParse(answer).data?.dataplaneInsight;
  if (answer === undefined) return undefined;
  const last = insight?.subscriptions.at(-1);
  const kinds = (['cds', 'eds', 'lds', 'rds'] as const).flatMap((kind) => {
    const count = last?.status?.[kind];
    return count === undefined || count.responsesSent === 0
      ? []
      : [{ kind, sent: count.responsesSent, acknowledged: count.responsesAcknowledged }];
  });
  return {
    online: last?.connectTime !== undefined && last.disconnectTime === undefined,
    versions: kinds,
    rejected: last?.status?.total?.responsesRejected ?? 0,
    certificateExpires: insight?.mTLS?.certificateExpirationTime,
  };
}
