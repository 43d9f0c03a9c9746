import { createHash } from 'node:crypto';
import type { Clock } from '../model/ports.ts';
import type { SecretValue } from '../model/secret-value.ts';
import type { MeshSpec } from '../model/types/mesh.ts';
import { type Authority, loadAuthority } from './authority.ts';
import { identityNames, issueWorkload, rotationTime } from './issue.ts';
import { type AuthoritySources, enabledBackend, identityLifetime, loadPair } from './mesh-authority.ts';
import type { TagSet } from './tag-set.ts';

/** An identity that a mesh's authority gave to a proxy. */
export interface MeshIdentity {
  /** The leaf first, then intermediates, in PEM. */
  readonly certificateChain: string;
  readonly key: SecretValue;
  /** The CAs that the proxy is to trust, in PEM. */
  readonly trustedCa: string;
  /** Differs from that of any other identity. */
  readonly id: string;
  /** The name of the backend whose authority issued it. */
  readonly backend: string;
  /** What it was made from (authority, names, lifetime): while that is the same, the identity fits. */
  readonly basis: string;
  /** Milliseconds since 1970, as are the others. */
  readonly issuedAt: number;
  readonly notAfter: number;
  /** When it is to be replaced. */
  readonly rotateAt: number;
}

/** What an identity is issued from. */
export interface MeshIdentityRequest {
  readonly mesh: string;
  readonly spec: MeshSpec;
  readonly tags: TagSet;
  readonly sources: AuthoritySources;
  /** What the proxy has already; it is given back where it still fits and is not due. */
  readonly previous?: MeshIdentity | undefined;
}

/**
 * Issues identities.
 *
 * @returns undefined while the mesh has no mTLS.
 * @throws KumulusError `invalid` where the authority cannot be used, or a tag cannot stand in a certificate.
 */
export type MeshIdentityIssuer = (request: MeshIdentityRequest) => MeshIdentity | undefined;

/** How many authorities are held parsed; a mesh has one, two while it changes. */
const maxAuthorities = 1_000;

export function createMeshIdentityIssuer({ clock }: { readonly clock: Clock }): MeshIdentityIssuer {
  const authorities = new Map<string, Authority>();

  function authorityOf(
    certificate: string,
    key: SecretValue,
  ): { readonly digest: string; readonly ca: Authority } {
    const digest = hash(certificate, key.reveal());
    const held = authorities.get(digest);
    if (held !== undefined) return { digest, ca: held };
    const ca = loadAuthority(certificate, key);
    const [oldest] = authorities.keys();
    if (authorities.size >= maxAuthorities && oldest !== undefined) authorities.delete(oldest);
    authorities.set(digest, ca);
    return { digest, ca };
  }

  return ({ mesh, spec, tags, sources, previous }) => {
    const backend = enabledBackend(spec);
    if (backend === undefined) return undefined;
    const pair = loadPair(mesh, backend, sources);
    const { digest, ca } = authorityOf(pair.certificate, pair.key);
    const uris = identityNames(mesh, tags);
    const lifetime = identityLifetime(backend);
    const name = backend.name ?? '';
    const basis = hash(digest, name, String(lifetime), ...uris);
    const now = clock();
    if (previous?.basis === basis && now < previous.rotateAt) return previous;
    const issued = issueWorkload({ ca, uris, lifetime, now });
    return {
      certificateChain: issued.certificateChain,
      key: issued.key,
      trustedCa: ca.certificates,
      id: hash(issued.certificateChain, ca.certificates),
      backend: name,
      basis,
      issuedAt: issued.issuedAt,
      notAfter: issued.notAfter,
      rotateAt: rotationTime(issued),
    };
  };
}

/** A hash of texts, none of which can be taken for two of them. */
function hash(...texts: readonly string[]): string {
  const sum = createHash('sha256');
  for (const text of texts) sum.update(`${text.length}:`).update(text);
  return sum.digest('base64url');
}
