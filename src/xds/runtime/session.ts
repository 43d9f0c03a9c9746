import type { CertificatePair, CompiledProxy, Compiler, ProxyIdentity } from '../../compile/compiler.ts';
import type { Snapshot } from '../../compile/snapshot.ts';
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
  const { name, record, clock } = deps;
  let compiled: CompiledProxy | undefined;
  /** What is compiled is not of the newest state that it was told of. */
  let isBehind = false;
  let issued: IssuedIdentity | undefined;
  let onSnapshot: ((snapshot: Snapshot) => void) | undefined;
  let onEnd: ((reason: KumulusError) => void) | undefined;
  let ended: KumulusError | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;
  let armedFor: number | undefined;

  const close = (how: Departing = left) => {
    if (!closed) {
      closed = true;
      clearTimeout(timer);
      deps.onClose(session, how);
      record.closed();
      if (compiled !== undefined) {
        deps.onFinal(compiled);
      }
    }
  };

  const end = (reason: KumulusError, how?: Departing) => {
    if (ended === undefined && !closed) {
      ended = reason;
      close(how);
      onEnd?.(reason);
    }
  };

  /** Wakes when the identity is to be replaced. */
  const arm = () => {
    const at = issued?.rotateAt;
    if (at === armedFor) {
      return;
    }
    armedFor = at;
    clearTimeout(timer);
    if (at !== undefined) {
      timer = setTimeout(wake, Math.min(maxTimeout, Math.max(0, at - clock())));
      timer.unref();
    }
  };

  const wake = () => {
    armedFor = undefined;
    update(deps.now());
  };

  const refreshIdentity = (authority: MeshAuthority | undefined, dataplane: Resource) => {
    const next = deps.issue(authority, dataplane);
    if (next !== issued) {
      issued = next;
      record.identity(next?.insight);
    }
    arm();
  };

  const compile = ({ context, tlsReady }: MeshNow, dataplane: Resource) => {
    const next = deps.compiler.compile(
      {
        context,
        dataplane,
        metadata: deps.metadata,
        admin: deps.admin(dataplane),
        ...(issued !== undefined && { identity: issued.identity }),
        ...(tlsReady !== undefined && { tlsReadyServices: tlsReady }),
      },
      compiled,
    );
    const isNews = next.snapshot !== compiled?.snapshot;
    compiled = next;
    record.configured(next.snapshot.revision);
    if (isNews) {
      onSnapshot?.(next.snapshot);
    }
  };

  const update = (state: MeshNow) => {
    if (closed) {
      return;
    }
    const { context, authority } = state;
    const dataplane = context.resources.get('Dataplane')?.get(name);
    if (dataplane === undefined) {
      end(new KumulusError('not_found', `Dataplane ${JSON.stringify(name)} was deleted`));
      return;
    }
    try {
      refreshIdentity(authority, dataplane);
      compile(state, dataplane);
      isBehind = false;
    } catch (error) {
      // One proxy's trouble must not keep the mesh's news from the others; it keeps what it has until the next change of any kind.
      isBehind = true;
      record.notConfigured();
      deps.logger.error('a proxy could not be configured', {
        tenant: deps.tenant,
        mesh: context.mesh,
        name,
        revision: context.revision,
        error,
      });
    }
  };

  const session: Session = {
    name,
    get snapshot() {
      return compiled?.snapshot;
    },
    onSnapshot(listener) {
      onSnapshot = listener;
      if (compiled !== undefined) {
        listener(compiled.snapshot);
      }
    },
    onEnd(listener) {
      onEnd = listener;
      if (ended !== undefined) {
        listener(ended);
      }
    },
    sent: record.sent,
    acknowledged: record.acknowledged,
    rejected: record.rejected,
    completed: record.completed,
    answered: record.answered,
    isTouchedBy: (changes) =>
      compiled === undefined || isBehind || deps.compiler.isTouched(compiled, changes),
    update,
    end,
    close,
  };
  return session;
}
