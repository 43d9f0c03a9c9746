import type { TenantId } from '../../model/tenant.ts';
import type { Holdings } from '../../store/holdings.ts';
import type { Insights } from '../../store/insights.ts';

export interface HeldMeshesDeps {
  readonly holdings: Holdings;
  readonly insights: Insights;
  /** The relay's instance id. */
  readonly relay: string;
}

/** A stream that is about to be open. */
export interface AnnouncedStream {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly name: string;
  readonly subscriptionId: string;
  /** Milliseconds since 1970. */
  readonly connectTime: number;
}

/** Sees to it that a relay is known to have proxies of a mesh before anything says that a stream is open at it. */
export interface HeldMeshes {
  /** For whoever writes what streams do. */
  readonly insights: Pick<Insights, 'update'>;
  /**
   * Writes that a stream of the proxy is about to be open here, where nothing is known of the proxy yet. What the stream's
   * own subscription says replaces it.
   */
  announce(stream: AnnouncedStream): Promise<void>;
  /** Enters all anew, each with the next write: the relay may have been taken for dead. */
  forget(): void;
}

/** Creates it; it costs one write for each mesh that the relay ever has proxies of. */
export function createHeldMeshes({ holdings, insights, relay }: HeldMeshesDeps): HeldMeshes {
  const entered = new Map<string, Promise<void>>();

  const enter = (tenant: TenantId, mesh: string): Promise<void> => {
    const key = `${tenant}/${mesh}`;
    const known = entered.get(key);
    if (known !== undefined) {
      return known;
    }
    const entering = holdings.enter(relay, { tenant, mesh });
    entered.set(key, entering);
    entering.catch(() => {
      if (entered.get(key) === entering) {
        entered.delete(key);
      }
    });
    return entering;
  };

  const update: Insights['update'] = async (tenant, mesh, name, change) => {
    await enter(tenant, mesh);
    await insights.update(tenant, mesh, name, change);
  };

  return {
    insights: { update },
    announce: ({ tenant, mesh, name, subscriptionId, connectTime }) =>
      update(tenant, mesh, name, (current) => {
        if (current !== undefined) {
          return undefined;
        }
        const subscription = {
          id: subscriptionId,
          controlPlaneInstanceId: relay,
          connectTime: new Date(connectTime).toISOString(),
          stats: {},
        };
        return { subscriptions: [subscription] };
      }),
    forget: () => entered.clear(),
  };
}
