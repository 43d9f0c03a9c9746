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
import { applyReport } from './apply-report.ts';
import type { HealthHello, HealthSession, HealthSource } from './health-session.ts';

export interface HealthSourceDeps {
  readonly meshes: Pick<MeshRuntimes, 'get'>;
  readonly resources: Pick<ResourceStore, 'commit'>;
  readonly authentication: Pick<ProxyAuthentication, 'dataplane'>;
  readonly watch: CredentialWatch;
}

/** Keeps the health that proxies report in the states of their Dataplanes' inbounds. */
export function createHealthSource(deps: HealthSourceDeps): HealthSource {
  const openDataplane = async (hello: HealthHello, credential: ProxyCredential): Promise<HealthSession> => {
    const { tenant, mesh, name } = hello;
    const author = proxyAuthor(hello.peer);
    const runtime = await deps.meshes.get(tenant, mesh);
    let current: Resource | undefined;
    let onDataplane: ((dataplane: DataplaneSpec) => void) | undefined;
    let onEnd: ((reason: KumulusError) => void) | undefined;
    let ended: KumulusError | undefined;

    const end = (reason: unknown) => {
      ended =
        reason instanceof KumulusError ? reason : new KumulusError('internal', 'the proxy cannot be checked');
      close();
      onEnd?.(ended);
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
