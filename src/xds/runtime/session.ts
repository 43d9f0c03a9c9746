import type { CertificatePair, CompiledProxy, Compiler, ProxyIdentity } from '../../compile/compiler.ts';
import type { Snapshot, TypeUrl } from '../../compile/snapshot.ts';
import type { ContextChanges } from '../../context/mesh-context.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { ProxyMetadata } from '../../model/proxy-metadata.ts';
import type { Resource } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { MtlsInsight } from '../../store/insights.ts';
import type { Departing, ProxySession } from '../session.ts';
import type { MeshAuthority } from './identities.ts';
import type { StreamRecord } from './insight-recorder.ts';
import type { MeshMember, MeshNow } from './mesh-runtime.ts';

/** An identity that was issued to a proxy. */
export interface IssuedIdentity {
  readonly identity: ProxyIdentity;
  readonly insight: MtlsInsight;
  /** Milliseconds since 1970 at which it is to be replaced. */
  readonly rotateAt: number;
  /** Of the authority, mode and names that it was issued for: another one means that it must be issued anew. */
  readonly basis: string;
}

/** Gives the proxy's identity, the same one while it still fits; undefined while the mesh has no mTLS. */
export type IdentityIssuer = (
  authority: MeshAuthority | undefined,
  dataplane: Resource,
) => IssuedIdentity | undefined;

export interface SessionDeps {
  readonly tenant: TenantId;
  readonly name: string;
  readonly metadata: ProxyMetadata;
  /** The mesh as it is now. A session keeps none of its own: who is not touched would hold an old one for ever. */
  readonly now: () => MeshNow;
  readonly compiler: Compiler;
  readonly admin: (dataplane: Resource) => CertificatePair & { readonly clientCa: string };
  readonly issue: IdentityIssuer;
  readonly record: StreamRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Given what the proxy had, once the session has ended. */
  readonly onFinal: (compiled: CompiledProxy) => void;
  /** Called once, however the session ends, before the record hears of it. */
  readonly onClose: (session: Session, how: Departing) => void;
}

/** A session together with what the relay does to it. */
export interface Session extends ProxySession, MeshMember {
  readonly name: string;
  /** Ends the stream with a reason that the proxy is told; it counts as `left` unless told. */
  end(reason: KumulusError, how?: Departing): void;
}

const left: Departing = () => 'left';

/** The longest that a timer of Node can wait, in milliseconds. */
const maxTimeout = 2 ** 31 - 1;

/** Makes the session of a proxy that was let in; `update` gives it its first snapshot. */
export function createSession(deps: SessionDeps): Session {
  return new OpenSession(deps);
}

class OpenSession implements Session {
  readonly #deps: SessionDeps;
  #compiled: CompiledProxy | undefined;
  /** What is compiled is not of the newest state that it was told of. */
  #isBehind = false;
  #issued: IssuedIdentity | undefined;
  #onSnapshot: ((snapshot: Snapshot) => void) | undefined;
  #onEnd: ((reason: KumulusError) => void) | undefined;
  #ended: KumulusError | undefined;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #armedFor: number | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
  }

  get name(): string {
    return this.#deps.name;
  }

  get snapshot(): Snapshot | undefined {
    return this.#compiled?.snapshot;
  }

  onSnapshot(listener: (snapshot: Snapshot) => void): void {
    this.#onSnapshot = listener;
    if (this.#compiled !== undefined) {
      listener(this.#compiled.snapshot);
    }
  }

  onEnd(listener: (reason: KumulusError) => void): void {
    this.#onEnd = listener;
    if (this.#ended !== undefined) {
      listener(this.#ended);
    }
  }

  sent(typeUrl: TypeUrl, revision: number, bytes: number): void {
    this.#deps.record.sent(typeUrl, revision, bytes);
  }

  acknowledged(typeUrl: TypeUrl, revision: number): void {
    this.#deps.record.acknowledged(typeUrl, revision);
  }

  rejected(typeUrl: TypeUrl, message: string): void {
    this.#deps.record.rejected(typeUrl, message);
  }

  completed(revision: number): void {
    this.#deps.record.completed(revision);
  }

  answered(revision: number, refused: readonly TypeUrl[]): void {
    this.#deps.record.answered(revision, refused);
  }

  isTouchedBy(changes: ContextChanges): boolean {
    const compiled = this.#compiled;
    return compiled === undefined || this.#isBehind || this.#deps.compiler.isTouched(compiled, changes);
  }

  update(state: MeshNow): void {
    if (this.#isClosed) {
      return;
    }
    const { context, authority } = state;
    const { name, tenant, record, logger } = this.#deps;
    const dataplane = context.resources.get('Dataplane')?.get(name);
    if (dataplane === undefined) {
      this.end(new KumulusError('not_found', `Dataplane ${JSON.stringify(name)} was deleted`));
      return;
    }
    try {
      this.#refreshIdentity(authority, dataplane);
      this.#compile(state, dataplane);
      this.#isBehind = false;
    } catch (error) {
      // One proxy's trouble must not keep the mesh's news from the others; it keeps what it has until the next change of any kind.
      this.#isBehind = true;
      record.notConfigured();
      logger.error('a proxy could not be configured', {
        tenant,
        mesh: context.mesh,
        name,
        revision: context.revision,
        error,
      });
    }
  }

  end(reason: KumulusError, how?: Departing): void {
    if (this.#ended === undefined && !this.#isClosed) {
      this.#ended = reason;
      this.close(how);
      this.#onEnd?.(reason);
    }
  }

  close(how: Departing = left): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      clearTimeout(this.#timer);
      this.#deps.onClose(this, how);
      this.#deps.record.closed();
      if (this.#compiled !== undefined) {
        this.#deps.onFinal(this.#compiled);
      }
    }
  }

  #refreshIdentity(authority: MeshAuthority | undefined, dataplane: Resource): void {
    const next = this.#deps.issue(authority, dataplane);
    if (next !== this.#issued) {
      this.#issued = next;
      this.#deps.record.identity(next?.insight);
    }
    this.#arm();
  }

  /** Wakes when the identity is to be replaced. */
  #arm(): void {
    const at = this.#issued?.rotateAt;
    if (at === this.#armedFor) {
      return;
    }
    this.#armedFor = at;
    clearTimeout(this.#timer);
    if (at !== undefined) {
      const wake = () => {
        this.#armedFor = undefined;
        this.update(this.#deps.now());
      };
      this.#timer = setTimeout(wake, Math.min(maxTimeout, Math.max(0, at - this.#deps.clock())));
      this.#timer.unref();
    }
  }

  #compile({ context, tlsReady }: MeshNow, dataplane: Resource): void {
    const { compiler, metadata, admin, record } = this.#deps;
    const next = compiler.compile(
      {
        context,
        dataplane,
        metadata,
        admin: admin(dataplane),
        ...(this.#issued !== undefined && { identity: this.#issued.identity }),
        ...(tlsReady !== undefined && { tlsReadyServices: tlsReady }),
      },
      this.#compiled,
    );
    const isNews = next.snapshot !== this.#compiled?.snapshot;
    this.#compiled = next;
    record.configured(next.snapshot.revision);
    if (isNews) {
      this.#onSnapshot?.(next.snapshot);
    }
  }
}
