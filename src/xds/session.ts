import type { Snapshot, TypeUrl } from '../compile/snapshot.ts';
import type { KumulusError } from '../model/errors.ts';
import type { ProxyMetadata } from '../model/proxy-metadata.ts';
import type { TenantId } from '../model/tenant.ts';

/** Who a stream says it is, from its first request. Nothing of it is believed before the token was checked. */
export interface StreamHello {
  readonly tenant: TenantId;
  /** From the gRPC metadata `authorization`, without a scheme. */
  readonly token: string | undefined;
  readonly mesh: string;
  readonly name: string;
  readonly metadata: ProxyMetadata;
  /** `node.metadata["dataplane.resource"]`, JSON or YAML; absent in the indirect lifecycle. */
  readonly dataplaneResource: string | undefined;
  readonly protocol: 'delta' | 'sotw';
  /** The peer's address and port, for the log. */
  readonly peer: string;
}

/**
 * Tells how a proxy went: it ended its stream or its connection in order, as Envoy does when it is told to stop (`left`),
 * or nothing was heard of it any more, as of one that was killed or cut off (`lost`). It knows better a moment later: of
 * a connection that is broken from here the streams end first.
 */
export type Departing = () => 'left' | 'lost';

/** One proxy's open stream, seen from the stream: where its snapshots come from and who hears of its answers. */
export interface ProxySession {
  /** The newest snapshot; undefined until the first one is there. */
  readonly snapshot: Snapshot | undefined;
  /** Called with each newer snapshot, and at once with the one that is there. At most one listener. */
  onSnapshot(listener: (snapshot: Snapshot) => void): void;
  /** Called once where the control plane ends the stream: a newer stream of the proxy, a revoked token, a drain. */
  onEnd(listener: (reason: KumulusError) => void): void;
  /** A response of so many bytes was handed to the transport. */
  sent(typeUrl: TypeUrl, revision: number, bytes: number): void;
  /** The proxy took it. */
  acknowledged(typeUrl: TypeUrl, revision: number): void;
  /** The proxy refused it, in Envoy's words. */
  rejected(typeUrl: TypeUrl, message: string): void;
  /** The proxy has taken everything of the snapshots up to this revision. */
  completed(revision: number): void;
  /** The proxy has answered everything up to this revision; it refused something of these types and uses what was there before. */
  answered(revision: number, refused: readonly TypeUrl[]): void;
  /** The stream is gone, `left` unless told; idempotent. */
  close(how?: Departing): void;
}

/** The part that knows meshes, as streams see it. */
export interface SessionSource {
  /**
   * Lets a proxy in.
   *
   * @throws KumulusError `unauthenticated` or `forbidden` for the token, `not_found` where the proxy has no Dataplane,
   *   `invalid` for a Dataplane that breaks rules, `unavailable` where the relay is full or drains.
   */
  open(hello: StreamHello): Promise<ProxySession>;
}
