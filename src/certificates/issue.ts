import { isIP } from 'node:net';
import type { SecretValue } from '../model/secret-value.ts';
import { type Authority, clockSkew } from './authority.ts';
import { type AlternativeName, type KeyUsage, type Purpose, signCertificate } from './certificate.ts';
import { newEcKey } from './keys.ts';
import type { TagSet } from './tag-set.ts';

/** A certificate that was just issued, with the chain up to the authority. */
export interface IssuedCertificate {
  /** The leaf first, then intermediates, in PEM. */
  readonly certificateChain: string;
  readonly key: SecretValue;
  /** Milliseconds since 1970, as are the others: when it was made. */
  readonly issuedAt: number;
  readonly notAfter: number;
}

/** Kuma's default for the certificates of proxies (`dpCert.rotation.expiration`): 24 hours in milliseconds. */
export const defaultIdentityLifetime = 24 * 3_600_000;

export interface IdentityOptions {
  readonly ca: Authority;
  /** The trust domain. */
  readonly mesh: string;
  /** Must have `kuma.io/service`; a proxy with several services gets one name for each, in one certificate. */
  readonly tags: TagSet;
  /** Milliseconds; 24 hours unless told. */
  readonly lifetime?: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** RFC 8813: a certificate of an EC key must not say keyEncipherment. */
const leafUsages: readonly KeyUsage[] = ['digitalSignature', 'keyAgreement'];

/**
 * The names of a proxy's identity, as Kuma gives them: `spiffe://<mesh>/<service>` for every service, then
 * `kuma://<tag>/<value>` for every value of every tag, each sorted.
 */
export function identityNames(mesh: string, tags: TagSet): readonly string[] {
  const services = [...(tags.get('kuma.io/service') ?? [])].sort();
  const names = services.map((service) => `spiffe://${mesh}/${service}`);
  for (const tag of [...tags.keys()].sort()) {
    for (const value of [...(tags.get(tag) ?? [])].sort()) names.push(`kuma://${tag}/${value}`);
  }
  return names;
}

/**
 * Issues a proxy's identity: a P-256 key and a certificate for both sides of mTLS.
 *
 * @throws KumulusError `invalid` where a tag cannot stand in a certificate.
 */
export function issueIdentity(options: IdentityOptions): IssuedCertificate {
  return issueWorkload({
    ca: options.ca,
    uris: identityNames(options.mesh, options.tags),
    lifetime: options.lifetime ?? defaultIdentityLifetime,
    now: options.now,
  });
}

/** Issues a certificate for both sides of mTLS under the given URIs, as a SPIFFE identity of any path needs. */
export function issueWorkload(options: {
  readonly ca: Authority;
  readonly uris: readonly string[];
  readonly lifetime: number;
  readonly now: number;
}): IssuedCertificate {
  const names = options.uris.map((uri): AlternativeName => ({ uri }));
  return issue(options.ca, names, ['server', 'client'], options.lifetime, options.now);
}

export interface EndpointOptions {
  readonly ca: Authority;
  /** Host names and IP addresses, in any order; at least one. */
  readonly hosts: readonly string[];
  /** Milliseconds. */
  readonly lifetime: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Issues the certificate of a TLS server, such as the control plane's own ports or Envoy's admin listener. */
export function issueServer(options: EndpointOptions): IssuedCertificate {
  return issue(options.ca, options.hosts.map(hostName), ['server'], options.lifetime, options.now);
}

/** Issues the certificate of a TLS client, such as the control plane when it calls Envoy's admin listener. */
export function issueClient(options: EndpointOptions): IssuedCertificate {
  return issue(options.ca, options.hosts.map(hostName), ['client'], options.lifetime, options.now);
}

/** When a certificate is to be replaced: after four fifths of its life, as in Kuma. Milliseconds since 1970. */
export function rotationTime(certificate: { readonly issuedAt: number; readonly notAfter: number }): number {
  return certificate.issuedAt + ((certificate.notAfter - certificate.issuedAt) * 4) / 5;
}

/** A host as it is written into a certificate: an address, or a DNS name. */
export function hostName(host: string): AlternativeName {
  return isIP(host) === 0 ? { dns: host } : { ip: host };
}

function issue(
  ca: Authority,
  names: readonly AlternativeName[],
  purposes: readonly Purpose[],
  lifetime: number,
  now: number,
): IssuedCertificate {
  const key = newEcKey();
  const leaf = signCertificate(
    {
      subject: {},
      names,
      notBefore: now - clockSkew,
      notAfter: now + lifetime,
      authority: false,
      usages: leafUsages,
      purposes,
    },
    key,
    ca.signer,
  );
  return {
    certificateChain: leaf + ca.intermediates,
    key: key.privateKey,
    issuedAt: now,
    notAfter: now + lifetime,
  };
}
