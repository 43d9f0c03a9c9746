import type { CertificatePair, Compiler } from '../../compile/compiler.ts';
import type { MeshContext } from '../../context/mesh-context.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, IdSource, Logger } from '../../model/ports.ts';
import type { Resource } from '../../model/resource.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { Feed } from '../../store/feed.ts';
import type { Insights } from '../../store/insights.ts';
import type { Leases } from '../../store/leases.ts';
import type { ResourceDraft, ResourceStore } from '../../store/resource-store.ts';
import type { SessionSource, StreamHello } from '../session.ts';
import { createFeedPoller } from './feed-poller.ts';
import { createInsightRecorder } from './insight-recorder.ts';
import { createLeaseKeeper } from './lease-keeper.ts';
import { createMeshRuntimes } from './mesh-runtimes.ts';
import { deregister, register } from './registration.ts';
import { type Credential, createSession, type IdentityIssuer, type Session } from './session.ts';

/** A proxy's token, looked at but not yet held against a Dataplane. */
export interface VerifiedToken {
  /**
   * Holds the token against a Dataplane.
   *
   * @throws KumulusError `forbidden` where it is for another name, mesh, tags or workload.
   */
  admit(dataplane: ResourceDraft): Credential;
  /** Whether it may also manage the Dataplane that is there. */
  mayReplace(existing: Resource): boolean;
}

export interface RelayDeps {
  /** The relay's instance id. */
  readonly id: string;
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly leases: Leases;
  readonly feed: Feed;
  readonly newCompiler: () => Compiler;
  /**
   * Checks signature, key id, time and revocation.
   *
   * @throws KumulusError `unauthenticated`.
   */
  readonly verifyToken: (hello: StreamHello, context: MeshContext) => Promise<VerifiedToken>;
  /**
   * The Dataplane that a proxy brings along, validated, with the labels and the zone that the control plane gives it.
   *
   * @throws KumulusError `bad_request` or `invalid`.
   */
  readonly readDataplane: (
    hello: StreamHello,
    document: string,
    existing: Resource | undefined,
    context: MeshContext,
  ) => ResourceDraft;
  readonly issuer: (tenant: TenantId) => IdentityIssuer;
  readonly adminCertificates: (
    tenant: TenantId,
  ) => Promise<(dataplane: Resource) => CertificatePair & { readonly clientCa: string }>;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** How long after its stream closed a direct-mode Dataplane is deleted, in milliseconds. */
  readonly deregistrationDelayMs: number;
  /** How often the heads of the held meshes are checked in case a hint was lost, in milliseconds; 30,000 unless told. */
  readonly headCheckMs?: number;
}

export interface Relay extends SessionSource {
  /** Lets no more proxies in and deletes no Dataplane from now on; the streams are the server's to close. */
  drain(): void;
  /** Writes the last insights and gives the lease up. */
  stop(): Promise<void>;
}

/** Makes the part of the relay that knows meshes. Resolves once its lease is written. */
export async function createRelay(deps: RelayDeps): Promise<Relay> {
  const { resources, insights, logger } = deps;
  const meshes = createMeshRuntimes({ resources, newCompiler: deps.newCompiler, logger });
  const recorder = createInsightRecorder({ insights, clock: deps.clock, logger, relay: deps.id });
  const lease = await createLeaseKeeper({ leases: deps.leases, relay: deps.id, logger });
  const poller = createFeedPoller({
    feed: deps.feed,
    logger,
    onHint: ({ tenant, mesh }) => meshes.hint(tenant, mesh),
  });
  const unsubscribe = resources.onCommit((tenant, mesh) => meshes.hint(tenant, mesh));
  const headCheck = setInterval(meshes.hintAll, deps.headCheckMs ?? 30_000);
  headCheck.unref();

  const sessions = new Map<string, Session>();
  const leaving = new Map<string, NodeJS.Timeout>();
  let draining = false;
  const registration = { resources, insights, logger, relay: deps.id };

  const leave = (key: string, tenant: TenantId, mesh: string, name: string) => {
    const timer = setTimeout(() => {
      leaving.delete(key);
      if (!draining && !sessions.has(key)) {
        void recorder
          .flush()
          .then(() => deregister(registration, tenant, mesh, name))
          .catch((error: unknown) =>
            logger.warn('a Dataplane could not be deleted', { tenant, mesh, name, error: String(error) }),
          );
      }
    }, deps.deregistrationDelayMs);
    timer.unref();
    leaving.set(key, timer);
  };

  const open = async (hello: StreamHello) => {
    if (draining) {
      throw new KumulusError('unavailable', 'this relay is being replaced, connect again', {
        retryAfterSeconds: 1,
      });
    }
    const { tenant, mesh, name, metadata } = hello;
    const runtime = await meshes.get(tenant, mesh);
    let context = runtime.context;
    if (context.resources.get('Mesh')?.get(mesh) === undefined) {
      throw new KumulusError('not_found', `mesh ${JSON.stringify(mesh)} does not exist`);
    }
    const token = await deps.verifyToken(hello, context);
    const document = hello.dataplaneResource;
    let credential: Credential | undefined;
    if (document !== undefined) {
      context = await register(registration, tenant, runtime, name, (existing, current) => {
        const draft = deps.readDataplane(hello, document, existing, current);
        credential = token.admit(draft);
        if (existing !== undefined && !token.mayReplace(existing)) {
          throw new KumulusError(
            'forbidden',
            `the token may not replace the Dataplane ${JSON.stringify(name)} that is there`,
          );
        }
        return draft;
      });
    }
    const dataplane = context.resources.get('Dataplane')?.get(name);
    if (dataplane === undefined) {
      throw new KumulusError(
        'not_found',
        `Dataplane ${JSON.stringify(name)} not found in mesh ${JSON.stringify(mesh)}`,
      );
    }
    const admin = await deps.adminCertificates(tenant);
    const key = `${tenant}/${mesh}/${name}`;
    clearTimeout(leaving.get(key));
    leaving.delete(key);

    const session = createSession({
      name,
      metadata,
      compiler: runtime.compiler,
      admin,
      issue: deps.issuer(tenant),
      credential: credential ?? token.admit(dataplane),
      record: recorder.opened({ tenant, mesh, name, subscriptionId: deps.ids(), version: metadata.version }),
      clock: deps.clock,
      logger,
      onClose: (closed) => {
        runtime.leave(closed);
        if (sessions.get(key) === closed) {
          sessions.delete(key);
          if (document !== undefined && !draining) {
            leave(key, tenant, mesh, name);
          }
        }
      },
    });
    const older = sessions.get(key);
    sessions.set(key, session);
    older?.end(new KumulusError('conflict', 'a newer stream of the same proxy took over'));
    runtime.join(session);
    session.update(runtime.context, undefined);
    if (session.snapshot === undefined) {
      session.close();
      throw new KumulusError('internal', 'the proxy could not be configured');
    }
    return session;
  };

  return {
    open,
    drain() {
      draining = true;
      for (const timer of leaving.values()) {
        clearTimeout(timer);
      }
      leaving.clear();
    },
    async stop() {
      draining = true;
      poller.stop();
      unsubscribe();
      clearInterval(headCheck);
      for (const session of sessions.values()) {
        session.close();
      }
      meshes.stop();
      await recorder.flush();
      await lease.release();
    },
  };
}
