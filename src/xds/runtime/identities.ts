import { createHash } from 'node:crypto';
import type { Authority } from '../../certificates/authority.ts';
import { issueIdentity, rotationTime } from '../../certificates/issue.ts';
import { enabledBackend, identityLifetime, resolveAuthority } from '../../certificates/mesh-authority.ts';
import type { MeshContext } from '../../context/mesh-context.ts';
import { proxyOf, tagSetsOf } from '../../match/proxy.ts';
import type { Clock } from '../../model/ports.ts';
import type { Resource } from '../../model/resource.ts';
import { meshSchema } from '../../model/types/mesh.ts';
import { secretData } from '../../secrets/secret-data.ts';
import type { IssuedIdentity } from './session.ts';

/** The authority that a mesh issues identities by, ready to sign. */
export interface MeshAuthority {
  readonly authority: Authority;
  readonly backend: string;
  readonly backends: readonly string[];
  /** Milliseconds. */
  readonly lifetime: number;
  /** The same text means: the same backend with the same certificate and the same life. */
  readonly basis: string;
}

function digest(...texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) {
    hash.update(text).update('\0');
  }
  return hash.digest('base64url').slice(0, 22);
}

/**
 * The authority that a context's mesh has enabled; undefined while mTLS is off. `previous` comes back while it is the same.
 *
 * @throws KumulusError `invalid` where a secret is missing or holds no authority.
 */
export function authorityOf(
  context: MeshContext,
  previous: MeshAuthority | undefined,
): MeshAuthority | undefined {
  const mesh = context.resources.get('Mesh')?.get(context.mesh);
  if (mesh === undefined) {
    return undefined;
  }
  const spec = meshSchema.parse(mesh.spec);
  const backend = enabledBackend(spec);
  if (backend === undefined) {
    return undefined;
  }
  const secrets = context.resources.get('Secret');
  const authority = resolveAuthority(context.mesh, backend, {
    secret: (name) => {
      const secret = secrets?.get(name);
      return secret && secretData(secret);
    },
  });
  const lifetime = identityLifetime(backend);
  const name = backend.name ?? '';
  const basis = digest(name, authority.certificates, String(lifetime));
  if (previous?.basis === basis) {
    return previous;
  }
  return {
    authority,
    backend: name,
    backends: (spec.mtls?.backends ?? []).map((each) => each.name ?? ''),
    lifetime,
    basis,
  };
}

/** Every value that each tag of a proxy has. */
function tagSet(dataplane: Resource): ReadonlyMap<string, ReadonlySet<string>> {
  const tags = new Map<string, Set<string>>();
  for (const set of tagSetsOf(proxyOf(dataplane))) {
    for (const [name, value] of Object.entries(set)) {
      const values = tags.get(name) ?? new Set();
      tags.set(name, values.add(value));
    }
  }
  return tags;
}

/** Issues identities and remembers the last one of each proxy, so that one that reconnects is not given another. */
export interface Identities {
  /** `previous` comes back while it still fits; undefined where the mesh has no authority. */
  issue(key: string, authority: MeshAuthority | undefined, dataplane: Resource): IssuedIdentity | undefined;
  /** Forgets the identities that are due to be replaced. */
  sweep(): void;
}

/** Makes an issuer for all meshes of a relay; keys tell proxies of all tenants apart. */
export function createIdentities(clock: Clock): Identities {
  const issued = new Map<string, IssuedIdentity>();
  const bases = new WeakMap<Resource, { readonly tags: ReturnType<typeof tagSet>; readonly text: string }>();

  const tagsOf = (dataplane: Resource) => {
    let known = bases.get(dataplane);
    if (known === undefined) {
      const tags = tagSet(dataplane);
      known = {
        tags,
        text: JSON.stringify([...tags].map(([name, values]) => [name, [...values].sort()]).sort()),
      };
      bases.set(dataplane, known);
    }
    return known;
  };

  return {
    issue(key, authority, dataplane) {
      const known = issued.get(key);
      if (authority === undefined) {
        issued.delete(key);
        return undefined;
      }
      const { tags, text } = tagsOf(dataplane);
      const basis = `${authority.basis} ${text}`;
      const now = clock();
      if (known?.basis === basis && now < known.rotateAt) {
        return known;
      }
      const made = issueIdentity({
        ca: authority.authority,
        mesh: dataplane.mesh,
        tags,
        lifetime: authority.lifetime,
        now,
      });
      const identity: IssuedIdentity = {
        identity: {
          certificateChain: made.certificateChain,
          key: made.key,
          trustedCa: authority.authority.certificates,
          id: digest(made.certificateChain, authority.authority.certificates),
        },
        insight: {
          certificateExpirationTime: new Date(made.notAfter).toISOString(),
          lastCertificateRegeneration: new Date(made.issuedAt).toISOString(),
          certificateRegenerations: (known?.insight.certificateRegenerations ?? 0) + 1,
          issuedBackend: authority.backend,
          supportedBackends: authority.backends,
        },
        rotateAt: rotationTime(made),
        basis,
      };
      issued.set(key, identity);
      return identity;
    },
    sweep() {
      const now = clock();
      for (const [key, { rotateAt }] of issued) {
        if (now >= rotateAt) {
          issued.delete(key);
        }
      }
    },
  };
}
