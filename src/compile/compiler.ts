import type { ContextChanges, MeshContext } from '../context/mesh-context.ts';
import type { ProxyMetadata } from '../model/proxy-metadata.ts';
import type { Resource } from '../model/resource.ts';
import type { SecretValue } from '../model/secret-value.ts';
import type { Snapshot } from './snapshot.ts';

/** A certificate with its key, in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: SecretValue;
}

/** The identity that the mesh's CA gave to a proxy, and the CAs that it is to trust. */
export interface ProxyIdentity {
  /** The leaf first, then intermediates, in PEM. */
  readonly certificateChain: string;
  readonly key: SecretValue;
  /** The trusted CAs in PEM. */
  readonly trustedCa: string;
  /** Changes whenever any of the above does; what secrets are cached by. */
  readonly id: string;
}

/** Everything that the configuration of one proxy is made from; the same input always gives the same output. */
export interface ProxyInput {
  readonly context: MeshContext;
  readonly dataplane: Resource;
  readonly metadata: ProxyMetadata;
  /** The server certificate of the admin listener and the CA of its clients (the control plane). */
  readonly admin: CertificatePair & { readonly clientCa: string };
  /** Absent while the mesh has no mTLS. */
  readonly identity?: ProxyIdentity;
  /**
   * The services all of whose proxies hold a certificate of the enabled authority. While the authority is permissive,
   * only these are spoken to with TLS; none where it is absent.
   */
  readonly tlsReadyServices?: ReadonlySet<string>;
}

/** A proxy's snapshot and what it depends on. */
export interface CompiledProxy {
  readonly snapshot: Snapshot;
  /** The services whose endpoints it was given. */
  readonly services: ReadonlySet<string>;
}

/**
 * Makes snapshots, sharing encoded resources between proxies. Pure but for its caches, whose keys hold every input.
 * One compiler serves one mesh of one tenant.
 */
export interface Compiler {
  /**
   * The proxy's configuration. With `previous` only what has changed since is made anew: what is the same object in both
   * contexts is taken for unchanged. `previous` itself comes back where nothing that it depends on has changed.
   *
   * @throws KumulusError `not_found` where the context has no Mesh, `invalid` where the Dataplane, the Mesh or the proxy's
   *   admin address cannot be used.
   */
  compile(input: ProxyInput, previous?: CompiledProxy): CompiledProxy;
  /** Whether compiling after these changes may come to anything else; where not, there is no need to try. */
  isTouched(compiled: CompiledProxy, changes: ContextChanges): boolean;
}
