import type { ProxyAuthentication, ProxyCredential } from '../../auth/authenticate-proxy.ts';
import { specOf, withSpec } from '../../match/proxy.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Resource } from '../../model/resource.ts';
import type { DataplaneSpec } from '../../model/types/dataplane.ts';
import type { ResourceStore } from '../../store/resource-store.ts';
import type { CredentialWatch } from '../runtime/credential-watch.ts';
import type { MeshMember, MeshNow } from '../runtime/mesh-runtime.ts';
import type { MeshRuntimes } from '../runtime/mesh-runtimes.ts';
import { proxyAuthor } from '../runtime/proxy-author.ts';
import type { Takeovers } from '../runtime/takeovers.ts';
import { applyReport } from './apply-report.ts';
import type { HealthHello, HealthSession, HealthSource } from './health-session.ts';

export interface HealthSourceDeps {
  readonly meshes: Pick<MeshRuntimes, 'get'>;
  readonly resources: Pick<ResourceStore, 'commit'>;
  readonly authentication: Pick<ProxyAuthentication, 'dataplane'>;
  readonly watch: CredentialWatch;
  /** Calms those who take one another's stream. */
  readonly takeovers: Takeovers;
}

/**
 * Keeps the health that proxies report in the states of their Dataplanes' inbounds. The newest stream of a proxy wins, as
 * of those that configure it: the older one is mostly its own, of a connection that broke unnoticed.
 */
export function createHealthSource(deps: HealthSourceDeps): HealthSource {
  /** Ends the stream that a proxy has; of those alone whose token was held against their Dataplane. */
  const holders = new Map<string, (reason: KumulusError) => void>();

  const openDataplane = async (hello: HealthHello, credential: ProxyCredential): Promise<HealthSession> => {
    const { tenant, mesh, name } = hello;
    const author = proxyAuthor(hello.peer);
    const key = `${tenant}/${mesh}/${name}`;
    const runtime = await deps.meshes.get(tenant, mesh);
    let current: Resource | undefined;
    let onDataplane: ((dataplane: DataplaneSpec) => void) | undefined;
    let onEnd: ((reason: KumulusError) => void) | undefined;
    let ended: KumulusError | undefined;

    const end = (reason: unknown): void => {
      ended =
        reason instanceof KumulusError ? reason : new KumulusError('internal', 'the proxy cannot be checked');
      close();
      onEnd?.(ended);
    };

    /** @throws KumulusError `unavailable` where the stream was taken over too often lately. */
    const takePlace = () => {
      const older = holders.get(key);
      if (older === end) {
        return;
      }
      if (older !== undefined) {
        deps.takeovers.take(key);
      }
      holders.set(key, end);
      older?.(new KumulusError('conflict', 'a newer stream of the same proxy took over'));
    };

    const member: MeshMember = {
      isTouchedBy: ({ dataplanes }) => dataplanes.has(name),
      update({ context }: MeshNow) {
        const newer = context.resources.get('Dataplane')?.get(name);
        if (newer === undefined || newer === current) {
          current = newer;
          return;
        }
        try {
          const dataplane = withSpec(newer);
          credential.requireManage(dataplane);
          takePlace();
          current = newer;
          onDataplane?.(dataplane.spec);
        } catch (error) {
          end(error);
        }
      },
    };
    runtime.join(member);
    const unwatch = deps.watch.watch(tenant, mesh, credential, end);
    const close = () => {
      unwatch();
      runtime.leave(member);
      if (holders.get(key) === end) {
        holders.delete(key);
      }
    };

    return {
      onDataplane(listener) {
        onDataplane = listener;
        member.update(runtime.now, undefined);
      },
      onEnd(listener) {
        onEnd = listener;
        if (ended !== undefined) {
          listener(ended);
        }
      },
      async report(report) {
        // The context knows of the last report at once, members are told of it later.
        const latest = runtime.now.context.resources.get('Dataplane')?.get(name);
        if (latest === undefined) {
          throw new KumulusError('not_found', `there is no Dataplane ${JSON.stringify(name)}`);
        }
        const { type, labels, version } = latest;
        const spec = applyReport(specOf(latest), report);
        if (spec !== undefined) {
          const draft = { type, mesh, name, labels, spec };
          await deps.resources.commit(tenant, [{ kind: 'put', draft, expect: { version } }], author);
        }
      },
      close,
    };
  };

  return {
    async open(hello) {
      if (hello.metadata.proxyType !== 'dataplane') {
        throw new KumulusError('bad_request', 'only data plane proxies are checked');
      }
      const credential = await deps.authentication.dataplane(hello.tenant, hello.mesh, hello.token ?? '');
      return openDataplane(hello, credential);
    },
  };
}
