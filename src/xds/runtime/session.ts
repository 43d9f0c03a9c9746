import type { CertificatePair, CompiledProxy, Compiler, ProxyIdentity } from '../../compile/compiler.ts';
import type { Snapshot } from '../../compile/snapshot.ts';
import type { ContextChanges, MeshContext } from '../../context/mesh-context.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/ports.ts';
import type { ProxyMetadata } from '../../model/proxy-metadata.ts';
import type { Resource } from '../../model/resource.ts';
import type { MtlsInsight } from '../../store/insights.ts';
import type { ProxySession } from '../session.ts';
import type { StreamRecord } from './insight-recorder.ts';
import type { MeshMember } from './mesh-runtime.ts';

/** What a proxy was let in with, checked again whenever the mesh's secrets change. */
export interface Credential {
  /** Milliseconds since 1970 at which it stops to count. */
  readonly expires: number;
  /** Why it counts no longer; undefined while it does. */
  check(context: MeshContext): KumulusError | undefined;
}

/** An identity that was issued to a proxy. */
export interface IssuedIdentity {
  readonly identity: ProxyIdentity;
  readonly insight: MtlsInsight;
  /** Milliseconds since 1970 at which it is to be replaced. */
  readonly rotateAt: number;
  /** Of the authority, mode and names that it was issued for: another one means that it must be issued anew. */
  readonly basis: string;
}

/** Issues identities; gives `previous` back while it still fits. Undefined while the mesh has no mTLS. */
export type IdentityIssuer = (
  context: MeshContext,
  dataplane: Resource,
  previous: IssuedIdentity | undefined,
) => IssuedIdentity | undefined;

export interface SessionDeps {
  readonly name: string;
  readonly metadata: ProxyMetadata;
  readonly compiler: Compiler;
  readonly admin: (dataplane: Resource) => CertificatePair & { readonly clientCa: string };
  readonly issue: IdentityIssuer;
  readonly credential: Credential;
  readonly record: StreamRecord;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, however the session ends. */
  readonly onClose: (session: Session) => void;
}

/** A session together with what the relay does to it. */
export interface Session extends ProxySession, MeshMember {
  readonly name: string;
  /** Ends the stream with a reason that the proxy is told. */
  end(reason: KumulusError): void;
}

/** Types whose changes can make a credential or an identity invalid. */
const identityTypes = ['Mesh', 'Secret'];

/** The longest that a timer of Node can wait, in milliseconds. */
const maxTimeout = 2 ** 31 - 1;

/** Makes the session of a proxy that was let in; `update` gives it its first snapshot. */
export function createSession(deps: SessionDeps): Session {
  const { name, credential, record, clock } = deps;
  let latest: MeshContext | undefined;
  let compiled: CompiledProxy | undefined;
  let issued: IssuedIdentity | undefined;
  let onSnapshot: ((snapshot: Snapshot) => void) | undefined;
  let onEnd: ((reason: KumulusError) => void) | undefined;
  let ended: KumulusError | undefined;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const close = () => {
    if (!closed) {
      closed = true;
      clearTimeout(timer);
      record.closed();
      deps.onClose(session);
    }
  };

  const end = (reason: KumulusError) => {
    if (ended === undefined && !closed) {
      ended = reason;
      onEnd?.(reason);
      close();
    }
  };

  /** Wakes when the credential or the identity comes to its end. */
  const arm = () => {
    clearTimeout(timer);
    const at = Math.min(credential.expires, issued?.rotateAt ?? Number.POSITIVE_INFINITY);
    timer = setTimeout(wake, Math.min(maxTimeout, Math.max(0, at - clock())));
    timer.unref();
  };

  const wake = () => {
    if (clock() >= credential.expires) {
      end(new KumulusError('unauthenticated', 'the token has expired'));
    } else if (latest !== undefined) {
      update(latest, undefined);
    }
  };

  const refreshIdentity = (context: MeshContext, dataplane: Resource): boolean => {
    const due = issued !== undefined && clock() >= issued.rotateAt;
    const next = deps.issue(context, dataplane, due ? undefined : issued);
    if (next === issued) {
      return false;
    }
    const regenerations = (issued?.insight.certificateRegenerations ?? 0) + 1;
    issued = next && { ...next, insight: { ...next.insight, certificateRegenerations: regenerations } };
    record.identity(issued?.insight);
    return true;
  };

  const compile = (context: MeshContext, dataplane: Resource, changes: ContextChanges | undefined) => {
    const next = deps.compiler.compile(
      {
        context,
        dataplane,
        metadata: deps.metadata,
        admin: deps.admin(dataplane),
        ...(issued !== undefined && { identity: issued.identity }),
      },
      changes === undefined ? undefined : compiled,
      changes,
    );
    if (next.snapshot !== compiled?.snapshot) {
      compiled = next;
      onSnapshot?.(next.snapshot);
    }
    compiled = next;
  };

  const update = (context: MeshContext, changes: ContextChanges | undefined) => {
    if (closed) {
      return;
    }
    latest = context;
    const dataplane = context.resources.get('Dataplane')?.get(name);
    if (dataplane === undefined) {
      end(new KumulusError('not_found', `Dataplane ${JSON.stringify(name)} was deleted`));
      return;
    }
    try {
      let scope = changes;
      const identityMayChange =
        changes === undefined ||
        changes.dataplanes.has(name) ||
        identityTypes.some((type) => changes.types.has(type));
      if (identityMayChange) {
        const refusal = credential.check(context);
        if (refusal !== undefined) {
          end(refusal);
          return;
        }
        scope = refreshIdentity(context, dataplane) ? undefined : changes;
        arm();
      }
      compile(context, dataplane, scope);
    } catch (error) {
      // One proxy's trouble must not keep the mesh's news from the others; it keeps what it has.
      deps.logger.error('a proxy could not be configured', {
        mesh: context.mesh,
        name,
        revision: context.revision,
        error: String(error),
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
    update,
    end,
    close,
  };
  return session;
}
