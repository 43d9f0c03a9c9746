import { labelNames } from '../model/labels.ts';
import type { Resource } from '../model/resource.ts';
import { matchesSelector, type Tags } from '../model/tags.ts';
import { type MeshGatewaySpec, meshGatewaySchema } from '../model/types/mesh-gateway/schema.ts';
import type { DataplaneProxy } from './proxy.ts';
import { compareText } from './rank.ts';

/** The MeshGateway that a built-in gateway serves. */
export interface BuiltinGateway {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** For each listener its own tags, those of the MeshGateway and those of the proxy. */
  readonly listeners: readonly Tags[];
}

const parsed = new WeakMap<Resource, MeshGatewaySpec | undefined>();

/**
 * The MeshGateway of a proxy: of those whose selectors match its tags the most specific one, and of equals the newest.
 *
 * @param gateways all MeshGateways of the mesh.
 * @returns undefined for proxies that are no built-in gateways, and for those that no MeshGateway selects.
 */
export function builtinGatewayOf(
  proxy: DataplaneProxy,
  gateways: ReadonlyMap<string, Resource>,
): BuiltinGateway | undefined {
  if (proxy.gateway?.type !== 'BUILTIN') {
    return undefined;
  }
  const { tags } = proxy.gateway;
  const [best] = [...gateways.values()]
    .filter((gateway) => isForZoneOf(proxy, gateway))
    .flatMap((gateway) => candidatesOf(gateway, tags))
    .sort(compareCandidates);
  return (
    best && {
      name: best.gateway.name,
      labels: best.gateway.labels,
      listeners: (best.spec.conf?.listeners ?? []).map((listener) => ({
        ...tags,
        ...best.spec.tags,
        ...listener.tags,
      })),
    }
  );
}

/** A MeshGateway, and how specific one of its selectors is that matches. */
interface Candidate {
  readonly gateway: Resource;
  readonly spec: MeshGatewaySpec;
  readonly tags: number;
  /** Those of the tags that ask for one value. */
  readonly exact: number;
}

function candidatesOf(gateway: Resource, tags: Tags): readonly Candidate[] {
  const spec = specOf(gateway);
  const selectors = spec?.selectors ?? [];
  return spec === undefined
    ? []
    : (selectors.length === 0 ? [{}] : selectors)
        .map(({ match = {} }: { readonly match?: Tags }) => match)
        .filter((match) => matchesSelector(match, tags))
        .map((match) => {
          const values = Object.values(match);
          return {
            gateway,
            spec,
            tags: values.length,
            exact: values.filter((value) => value !== '*').length,
          };
        });
}

/** The best one first. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    b.tags - a.tags ||
    b.exact - a.exact ||
    compareText(b.gateway.creationTime, a.gateway.creationTime) ||
    compareText(a.gateway.name, b.gateway.name)
  );
}

/** What a zone made is for the proxies of that zone. */
function isForZoneOf({ labels }: DataplaneProxy, gateway: Resource): boolean {
  const zone = labels[labelNames.zone];
  return (
    gateway.labels[labelNames.origin] !== 'zone' ||
    zone === undefined ||
    (gateway.labels[labelNames.zone] ?? zone) === zone
  );
}

function specOf(gateway: Resource): MeshGatewaySpec | undefined {
  if (!parsed.has(gateway)) {
    parsed.set(gateway, meshGatewaySchema.safeParse(gateway.spec).data);
  }
  return parsed.get(gateway);
}
