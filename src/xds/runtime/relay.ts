import type { ProxyAuthentication, ProxyCredential } from '../../auth/authenticate-proxy.ts';
import type { CompiledProxy, Compiler } from '../../compile/compiler.ts';
import { secretReader } from '../../context/secret-reader.ts';
import { withSpec } from '../../match/proxy.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock, IdSource, Logger } from '../../model/ports.ts';
import { noTelemetry, type Telemetry } from '../../model/telemetry.ts';
import type { SecretReader } from '../../secrets/secret-data.ts';
import type { Feed } from '../../store/feed.ts';
import type { Holdings } from '../../store/holdings.ts';
import type { Insights } from '../../store/insights.ts';
import type { Leases } from '../../store/leases.ts';
import type { Propagation } from '../../store/propagation.ts';
import type { Queues } from '../../store/queues.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import type { HealthSource } from '../health/health-session.ts';
import { createHealthSource } from '../health/health-source.ts';
import type { Departing, SessionSource, StreamHello } from '../session.ts';
import type { AdminCertificateSource } from './admin-certificates.ts';
import { countedRecord } from './counted-record.ts';
import { type CredentialWatchDeps, createCredentialWatch } from './credential-watch.ts';
import { draftOfDataplane } from './dataplane-document.ts';
import { createFeedPoller, type FeedPoller } from './feed-poller.ts';
import { createHeadCheck } from './head-check.ts';
import { createHeldForAWhile } from './held-for-a-while.ts';
import { createHeldMeshes } from './held-meshes.ts';
import { openHintInbox } from './hint-inbox.ts';
import type { Identities } from './identities.ts';
import { createInsightRecorder } from './insight-recorder.ts';
import { createLeaseKeeper, leaseLifeMs } from './lease-keeper.ts';
import { createLeavers } from './leavers.ts';
import { createMeshRuntimes } from './mesh-runtimes.ts';
import { createPropagationReporter } from './propagation-reporter.ts';
import { proxyAuthor } from './proxy-author.ts';
import { register } from './registration.ts';
import { servedAuthentication } from './served-authentication.ts';
import { createSession, type Session } from './session.ts';
import { createTableReach } from './table-reach.ts';
import { createTakeovers } from './takeovers.ts';
import { trackedRecord } from './tracked-record.ts';

export interface RelayDeps {
  /** The relay's instance id. */
  readonly id: string;
  readonly resources: ResourceStore;
  readonly insights: Insights;
  readonly propagation: Propagation;
  readonly leases: Leases;
  readonly holdings: Holdings;
  /** Where other processes tell of their commits; absent where there are none that write. */
  readonly feed?: Feed;
  /** By what they tell it at once, and the name of this relay's queue; it looks into the feed often where it is absent. */
  readonly queue?: { readonly queues: Queues; readonly name: string };
  readonly newCompiler: () => Compiler;
  /** Judges tokens by secrets, which are read from the meshes that are held. */
  readonly authentication: (secrets: SecretReader) => ProxyAuthentication;
  /** See {@link CredentialWatchDeps.whyNotServed}. */
  readonly whyNotServed?: CredentialWatchDeps['whyNotServed'];
  /** The control plane's zone. */
  readonly zone: string;
  readonly identities: Identities;
  readonly adminCertificates: AdminCertificateSource;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** Hears what happens; nobody does where it is absent. */
  readonly telemetry?: Telemetry;
  /** How long after its stream closed a direct-mode Dataplane is deleted, in milliseconds. */
  readonly deregistrationDelayMs: number;
  /** Whether proxies wait to be let in; nobody's Dataplane is deleted meanwhile. */
  readonly isCrowded?: () => boolean;
  /** How long a relay may be silent before its streams count as closed, in milliseconds; five minutes unless told. */
  readonly idleTimeoutMs?: number;
}

export interface Relay extends SessionSource {
  /** Judges tokens as {@link SessionSource.open} does. */
  readonly authentication: ProxyAuthentication;
  /** Takes what proxies find of their own health. */
  readonly health: HealthSource;
  /** Lets no more proxies in and deletes no Dataplane from now on; the streams are the server's to close. */
  drain(): void;
  /** Writes the last insights and gives the lease up. */
  stop(): Promise<void>;
}

/** Kuma's, in milliseconds. */
const defaultIdleTimeoutMs = 300_000;

/** How often the streams of a name may end one another at once, and milliseconds until they may once more. */
const maxTakeovers = 5;
const takeoverMs = 10_000;

/** How long at least the configuration of a proxy that went is kept, in milliseconds. */
const departedMs = 30_000;

/** How a proxy went. It holds nothing of its session: while the table is gone, thousands that went wait to be written. */
function createDeparture() {
  let departing: Departing | undefined;
  return {
    set(how: Departing) {
      departing = how;
    },
    hasLeft: () => departing?.() === 'left',
  };
}

/** Makes the part of the relay that knows meshes. Resolves once its lease is written. */
export async function createRelay(deps: RelayDeps): Promise<Relay> {
  const { resources, insights, logger, clock, telemetry = noTelemetry } = deps;
  const reporter = createPropagationReporter({ ...deps, relay: deps.id });
  const meshes = createMeshRuntimes({
    resources,
    insights,
    newCompiler: deps.newCompiler,
    onTold: reporter.told,
    clock,
    logger,
    telemetry,
  });
  const { idleTimeoutMs = defaultIdleTimeoutMs } = deps;
  let poller: FeedPoller | undefined;
  const held = createHeldMeshes({ holdings: deps.holdings, insights, relay: deps.id });
  const recorder = createInsightRecorder({
    insights: held.insights,
    clock: deps.clock,
    logger,
    relay: deps.id,
  });
  // Before the lease, which tells of it.
  const inbox =
    deps.queue &&
    (await openHintInbox({
      ...deps.queue,
      logger,
      onHint: ({ tenant, mesh, revision }) => void meshes.hint(tenant, mesh, revision),
      onDistrust: () => poller?.hurry(),
    }));
  const lease = await createLeaseKeeper({
    leases: deps.leases,
    relay: deps.id,
    logger,
    clock,
    telemetry,
    lifeMs: Math.min(leaseLifeMs, idleTimeoutMs),
    idleTimeoutMs,
    queue: () => inbox?.queue,
    onRevival() {
      held.forget();
      recorder.renew(deps.ids);
    },
  }).catch(async (error: unknown) => {
    // Nothing would lead to the queue.
    await inbox?.close();
    throw error;
  });
  const isTold = () => inbox?.isTrusted() ?? false;
  poller =
    deps.feed &&
    createFeedPoller({
      feed: deps.feed,
      logger,
      held: () => meshes.size,
      isTold,
      onHint({ tenant, mesh, revision }) {
        if (meshes.isNews(tenant, mesh, revision)) {
          inbox?.missed();
        }
        return meshes.hint(tenant, mesh, revision);
      },
    });
  const unsubscribe = resources.onCommit(
    (tenant, mesh, revision) => void meshes.hint(tenant, mesh, revision),
  );
  const headCheck = createHeadCheck({ resources, held: meshes.held, isTold, logger });

  const authentication = servedAuthentication(
    deps.authentication(secretReader(async (tenant, mesh) => (await meshes.get(tenant, mesh)).now.context)),
    deps.whyNotServed,
  );
  const watch = createCredentialWatch({
    meshes,
    clock: deps.clock,
    logger,
    ...(deps.whyNotServed !== undefined && { whyNotServed: deps.whyNotServed }),
  });
  const sessions = new Map<string, Session>();
  /** A proxy that comes back soon is given what it had, and nothing is compiled. */
  const departed = createHeldForAWhile<CompiledProxy>(departedMs);
  const newTakeovers = () => createTakeovers({ burst: maxTakeovers, everyMs: takeoverMs, clock: deps.clock });
  const takeovers = newTakeovers();
  let draining = false;
  const reach = createTableReach();
  const registration = { resources, insights, logger, relay: deps.id, telemetry, reach };

  const leavers = createLeavers({
    registration,
    recorder,
    lease,
    whyNotServed: deps.whyNotServed,
    delayMs: deps.deregistrationDelayMs,
    ...(deps.isCrowded !== undefined && { isCrowded: deps.isCrowded }),
  });

  const open = async (hello: StreamHello) => {
    if (draining) {
      throw new KumulusError('unavailable', 'this relay is being replaced, connect again', {
        retryAfterSeconds: 1,
      });
    }
    const { tenant, mesh, name, metadata } = hello;
    if (metadata.proxyType !== 'dataplane') {
      throw new KumulusError('bad_request', `proxies of type ${metadata.proxyType} are not served`);
    }
    // First of all: what there is and what there is not is only for those to know who belong here.
    const credential = await authentication.dataplane(tenant, mesh, hello.token ?? '');
    const turnedAway = leavers.back({ tenant, mesh, name });
    try {
      return await letIn(hello, credential);
    } catch (error) {
      turnedAway();
      throw error;
    }
  };

  const letIn = async (hello: StreamHello, credential: ProxyCredential) => {
    const { tenant, mesh, name, metadata } = hello;
    const runtime = await meshes.get(tenant, mesh);
    let { context } = runtime.now;
    if (context.resources.get('Mesh')?.get(mesh) === undefined) {
      throw new KumulusError('not_found', `mesh ${JSON.stringify(mesh)} does not exist`);
    }
    const key = `${tenant}/${mesh}/${name}`;
    // Before anything is written for it: of two proxies of one name, each would replace what the other wrote.
    if (sessions.has(key)) {
      takeovers.take(key);
    } else {
      takeovers.check(key);
    }
    const document = hello.dataplaneResource;
    const subscriptionId = deps.ids();
    if (document !== undefined) {
      const author = proxyAuthor(hello.peer);
      const announce = () => held.announce({ tenant, mesh, name, subscriptionId, connectTime: clock() });
      ({ context } = await register(
        registration,
        tenant,
        runtime,
        name,
        author,
        announce,
        (existing, current) =>
          runtime.inTurn(() => {
            const draft = draftOfDataplane({ name, document, zone: deps.zone, existing, context: current });
            credential.requireManage(draft);
            if (existing !== undefined && !credential.mayReplace(withSpec(existing))) {
              const there = `the Dataplane ${JSON.stringify(name)} that is there`;
              throw new KumulusError('forbidden', `the token may not replace ${there}`);
            }
            return draft;
          }),
      ));
    }
    const dataplane = context.resources.get('Dataplane')?.get(name);
    if (dataplane === undefined) {
      const what = `Dataplane ${JSON.stringify(name)} in mesh ${JSON.stringify(mesh)}`;
      throw new KumulusError('not_found', `there is no ${what}`);
    }
    credential.requireManage(withSpec(dataplane));
    const admin = await deps.adminCertificates.prepare(tenant);
    // A crowd is let in bit by bit, so that everybody else gets their turn.
    return runtime.inTurn(() => {
      /** Of a proxy that brought its Dataplane along, once it is gone. */
      const departure = createDeparture();
      const session = createSession({
        tenant,
        name,
        metadata,
        now: () => runtime.now,
        compiler: runtime.compiler,
        admin,
        issue: (authority, target) => deps.identities.issue(key, authority, target),
        record: countedRecord(
          trackedRecord(
            recorder.opened({
              tenant,
              mesh,
              name,
              subscriptionId,
              version: metadata.version,
              hasLeft: departure.hasLeft,
              onSuperseded() {
                takeovers.lost(key);
                session.end(
                  new KumulusError('conflict', 'a newer stream of the same proxy is open elsewhere'),
                  () => 'lost',
                );
              },
            }),
            reporter.join(tenant, mesh, name, runtime.told),
          ),
          {
            proxy: telemetry.proxyConnected(tenant, mesh, hello.protocol),
            clock,
            untoldSince: () => runtime.untoldSince,
          },
        ),
        clock: deps.clock,
        logger,
        onFinal: departed.add,
        onClose: (closed, how) => {
          unwatch();
          runtime.leave(closed);
          if (sessions.get(key) === closed) {
            sessions.delete(key);
            if (document !== undefined && !draining) {
              departure.set(how);
              leavers.gone({ tenant, mesh, name }, how);
            }
          }
        },
      });
      const unwatch = watch.watch(tenant, mesh, credential, (reason) => session.end(reason));
      const older = sessions.get(key);
      sessions.set(key, session);
      older?.end(new KumulusError('conflict', 'a newer stream of the same proxy took over'));
      const state = runtime.now;
      // First, for a session that ends at once leaves again.
      runtime.join(session, state);
      session.update(state, undefined);
      if (session.snapshot === undefined) {
        session.close();
        throw new KumulusError('internal', 'the proxy could not be configured');
      }
      return session;
    });
  };

  return {
    authentication,
    health: createHealthSource({ meshes, resources, authentication, watch, takeovers: newTakeovers() }),
    open,
    drain() {
      draining = true;
      leavers.stop();
    },
    async stop() {
      draining = true;
      leavers.stop();
      poller?.stop();
      unsubscribe();
      headCheck.stop();
      watch.stop();
      for (const session of sessions.values()) {
        session.close();
      }
      departed.stop();
      meshes.stop();
      await Promise.all([recorder.stop(), reporter.stop(), inbox?.close()]);
      await lease.release();
    },
  };
}
