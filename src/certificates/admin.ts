import { createSecretKey, hkdfSync } from 'node:crypto';
import type { SecretValue } from '../model/secret-value.ts';
import { createAuthority, defaultAuthorityLifetime, type KeyPair, loadAuthorityBundle } from './authority.ts';
import { positive, signCertificate } from './certificate.ts';
import { hostName, type IssuedCertificate, issueClient } from './issue.ts';
import { deriveEcKey } from './keys.ts';

/** The certificates with which a tenant's control plane and the admin listeners of its Envoys know each other. */
export interface AdminCertificates {
  /** What both sides trust, in PEM. */
  readonly trustedCa: string;
  /** The server certificate of the proxy at an address (or host name). */
  server(address: string): KeyPair;
  /**
   * A new client certificate of the control plane, under the name that admin listeners let in.
   *
   * @param now milliseconds since 1970.
   */
  client(now: number): IssuedCertificate;
}

/** The name that Envoy's admin listeners expect of the control plane, as in Kuma. */
const controlPlaneName = 'kuma-cp';
/** Of the control plane's client certificate, in milliseconds; it is as cheap to make as to keep. */
const clientLifetime = 24 * 3_600_000;

/** How many certificates are held; the one that was least recently used goes first. */
const maxHeld = 20_000;

/** Makes the "Envoy Admin CA" of a tenant, as the one text that its GlobalSecret holds: the certificate, then the key. */
export async function createAdminAuthority(now: number): Promise<string> {
  const { certificate, key } = await createAuthority({
    // RSA signatures (PKCS #1 1.5) of the same are the same; see below. Kuma takes no other kind either.
    kind: { rsaBits: 2048 },
    subject: { organization: 'Kuma', organizationalUnit: 'Mesh', commonName: 'Envoy Admin CA' },
    lifetime: defaultAuthorityLifetime,
    now,
  });
  return certificate + key.reveal();
}

/**
 * Reads the "Envoy Admin CA".
 *
 * A proxy's admin certificate is part of its listener. So keys and serial numbers follow from the authority's key and
 * the address, and the time is that of the authority: another relay, or the same one after a restart, comes to the same
 * octets, and a proxy that moves there keeps its listener.
 *
 * @throws KumulusError `invalid` where the text is no authority.
 */
export function createAdminCertificates(bundle: SecretValue): AdminCertificates {
  const authority = loadAuthorityBundle(bundle);
  const secret = createSecretKey(authority.signer.key.export({ type: 'pkcs8', format: 'der' }));
  const held = new Map<string, KeyPair>();

  function make(address: string): KeyPair {
    const key = deriveEcKey(secret, address);
    const certificate = signCertificate(
      {
        subject: {},
        names: [hostName(address)],
        notBefore: authority.notBefore,
        notAfter: authority.notAfter,
        authority: false,
        usages: ['digitalSignature', 'keyAgreement'],
        purposes: ['server'],
        serialNumber: positive(
          new Uint8Array(hkdfSync('sha256', secret, '', `kumulus serial ${address}`, 16)),
        ),
      },
      key,
      authority.signer,
    );
    return { certificate: certificate + authority.intermediates, key: key.privateKey };
  }

  return {
    trustedCa: authority.certificates,
    server(address) {
      const pair = held.get(address) ?? make(address);
      // Taken out and put in again, so that the map's order is that of use.
      held.delete(address);
      if (held.size >= maxHeld) {
        const [oldest = ''] = held.keys();
        held.delete(oldest);
      }
      held.set(address, pair);
      return pair;
    },
    client: (now) => issueClient({ ca: authority, hosts: [controlPlaneName], lifetime: clientLifetime, now }),
  };
}
