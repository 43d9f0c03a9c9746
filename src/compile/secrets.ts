import { authoritySecret, certificateSecret } from '../envoy/tls.ts';
import type { ProxyIdentity } from './compiler.ts';
import { digest } from './edits.ts';
import { encodeSecret } from './encoded.ts';
import { names } from './names.ts';
import type { ResourceCache } from './resources.ts';
import type { EncodedResource } from './snapshot.ts';

/** The proxy's own certificate, and the authorities that it trusts. */
export function secretResources(
  cache: ResourceCache,
  mesh: string,
  identity: ProxyIdentity,
): readonly EncodedResource[] {
  return [
    cache.get(`identity ${mesh} ${identity.id}`, () =>
      encodeSecret(
        certificateSecret(names.identitySecret(mesh), {
          certificate: identity.certificateChain,
          key: identity.key.reveal(),
        }),
      ),
    ),
    cache.get(`authorities ${mesh} ${digest(identity.trustedCa)}`, () =>
      encodeSecret(authoritySecret(names.authoritySecret(mesh), identity.trustedCa)),
    ),
  ];
}
