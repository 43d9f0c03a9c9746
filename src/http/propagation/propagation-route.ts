import type { ReadModels } from '../../insights/read-models.ts';
import { KumulusError } from '../../model/errors.ts';
import type { Clock } from '../../model/ports.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { TenantId } from '../../model/tenant.ts';
import { Violations } from '../../model/violations.ts';
import type { MeshPropagation, Propagation } from '../../store/propagation.ts';
import { answer } from '../answer.ts';
import { notFound } from '../errors.ts';
import type { LongPolls } from '../long-polls.ts';
import { readNumber, revisionParameter, waitParameter } from '../number-parameters.ts';
import { type ApiContext, queryOf, type Route } from '../routing.ts';
import { mayCountTwice, placesOf, withoutMoved } from './moved.ts';
import { type PropagationAnswer, propagationAnswer } from './propagation-answer.ts';

export interface PropagationRouteDeps {
  readonly propagation: Propagation;
  readonly models: Pick<ReadModels, 'mesh' | 'liveness'>;
  readonly clock: Clock;
  readonly polls: LongPolls;
  readonly types: readonly ResourceType[];
}

const title = 'Could not retrieve the propagation';

/**
 * `GET /meshes/{mesh}/_propagation`: how many proxies have a revision, which do not, and since when. With `wait` the answer
 * comes when all have it or one cannot have it, or when the time is over.
 */
export function propagationRoute(deps: PropagationRouteDeps): Route {
  const { propagation, models, polls, clock } = deps;
  const { liveness } = models;
  const types = new Map(deps.types.map((type) => [type.name, type]));
  const keyOf = (tenant: string, mesh: string) => `propagation/${tenant}/${mesh}`;
  propagation.onWrite((tenant, mesh) => polls.wake(keyOf(tenant, mesh)));

  /** @throws KumulusError `forbidden` where the caller may not read the mesh, or nothing of its proxies. */
  function readableIn(context: ApiContext, mesh: string) {
    const access = context.get('access');
    const [meshType, insightType] = [types.get('Mesh'), types.get('DataplaneInsight')];
    if (meshType === undefined || insightType === undefined) {
      throw new KumulusError('internal', 'an API has the types Mesh and DataplaneInsight');
    }
    access.read(meshType, '', mesh);
    access.read(insightType, mesh);
    return access.readable(insightType, mesh);
  }

  /** What living relays told, each proxy at the one where it is now. */
  async function livingOf(tenant: TenantId, mesh: string, { relays }: MeshPropagation) {
    const living = await liveness.judge((alive) => new Map([...relays].filter(([relay]) => alive(relay))));
    if (!mayCountTwice(living, clock())) {
      return living;
    }
    const places = placesOf((await models.mesh(tenant, mesh))?.rows ?? []);
    return new Map([...living].map(([relay, progress]) => [relay, withoutMoved(relay, progress, places)]));
  }

  async function look(context: ApiContext, mesh: string, asked: number | undefined) {
    const readable = readableIn(context, mesh);
    const tenant = context.get('tenant');
    const [found] = await Promise.all([propagation.read(tenant, mesh), liveness.prepare()]);
    if (found === undefined) {
      throw notFound('Failed to retrieve Mesh');
    }
    const revision = asked ?? found.revision;
    if (revision > found.revision) {
      throw new KumulusError('invalid', 'Resource is not valid', {
        title,
        violations: [
          {
            field: 'revision',
            message: `must be <= ${found.revision}, the newest revision, got ${revision}`,
          },
        ],
      });
    }
    const relays = await livingOf(tenant, mesh, found);
    return propagationAnswer(mesh, revision, { ...found, relays }, readable);
  }

  /** Waits for the revision of the first answer, whatever is written to the mesh meanwhile. */
  async function waitFor(context: ApiContext, first: PropagationAnswer, milliseconds: number) {
    const { mesh, revision } = first;
    const tenant = context.get('tenant');
    let last = first;
    // Who waits keeps nobody else from being answered.
    context.get('leaveGate')();
    await polls.wait({
      tenant,
      key: keyOf(tenant, mesh),
      milliseconds,
      signal: context.req.raw.signal,
      async look() {
        last = await look(context, mesh, revision);
        return isOver(last);
      },
    });
    // A token may have been revoked, or a role taken away, meanwhile.
    const { access } = await context.get('identify')();
    context.set('access', access);
    return look(context, mesh, last.revision);
  }

  return {
    method: 'GET',
    path: '/meshes/:mesh/_propagation',
    async handle(context) {
      const query = queryOf(context.req.url);
      const violations = new Violations();
      const asked = readNumber(query, 'revision', revisionParameter, violations);
      const wait = readNumber(query, 'wait', waitParameter, violations) ?? 0;
      if (!violations.empty) {
        throw new KumulusError('invalid', 'Resource is not valid', { title, violations: violations.list });
      }
      const first = await look(context, context.req.param('mesh') ?? '', asked);
      return answer(
        context,
        isOver(first) || wait === 0 ? first : await waitFor(context, first, wait * 1000),
      );
    },
  };
}

function isOver({ complete, proxies }: PropagationAnswer): boolean {
  return complete || proxies.failed > 0;
}
