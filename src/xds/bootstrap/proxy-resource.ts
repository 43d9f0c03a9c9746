import { readEnvelope } from '../../model/envelope.ts';
import { isKumulusError, KumulusError } from '../../model/errors.ts';
import type { ProxyType } from '../../model/proxy-metadata.ts';
import type { Resource, ResourceKey } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { TenantId } from '../../model/tenant.ts';
import { type DataplaneSpec, dataplaneType } from '../../model/types/dataplane.ts';
import { parseProxyDocument } from '../proxy-document.ts';
import type { BootstrapRequest } from './request.ts';

/** A proxy's own resource, from the request or from the store. */
export interface ProxyResource {
  /** Empty for zone proxies. */
  readonly mesh: string;
  readonly name: string;
  readonly spec: unknown;
  /** The same, where it is known to be a Dataplane's. */
  readonly dataplane?: DataplaneSpec;
  /** It came with the request and is not stored yet. */
  readonly given: boolean;
}

/** Where resources and their rules are found. */
export interface ResourceLookups {
  get(tenant: TenantId, key: ResourceKey): Promise<Resource | undefined>;
  /** The type of that name, such as `Dataplane`. */
  type(name: string): ResourceType | undefined;
}

/** The type of each kind of proxy. */
const resourceTypes: Readonly<Record<ProxyType, string>> = {
  dataplane: 'Dataplane',
  ingress: 'ZoneIngress',
  egress: 'ZoneEgress',
};

function unusable(message: string, cause?: unknown): KumulusError {
  return new KumulusError('internal', message, { cause });
}

/** @throws KumulusError `internal` where it is no such resource, `invalid` where it breaks rules of its type. */
function readGiven<Spec>(type: ResourceType<Spec>, text: string): ProxyResource & { readonly spec: Spec } {
  try {
    const envelope = readEnvelope(type, parseProxyDocument(text));
    if (envelope.type !== type.name) {
      throw unusable(`the resource must be a ${type.name}`);
    }
    const { mesh, name, labels, spec } = envelope;
    const { list: violations } = type.validate(spec, { mesh, name, labels });
    if (violations.length > 0) {
      throw new KumulusError('invalid', 'Resource is not valid', { violations });
    }
    return { mesh: type.scope === 'Mesh' ? mesh : '', name, spec, given: true };
  } catch (error) {
    throw isKumulusError(error, 'bad_request') ? unusable(error.message, error) : error;
  }
}

/**
 * The proxy's resource: the one in the request, or, where it was created beforehand, the stored one.
 *
 * @throws KumulusError `invalid` with the violations, `not_found` where none is stored, `internal` where what was given
 *   cannot be used at all.
 */
export async function findProxyResource(
  lookups: ResourceLookups,
  tenant: TenantId,
  proxyType: ProxyType,
  request: BootstrapRequest,
): Promise<ProxyResource> {
  const typeName = resourceTypes[proxyType];
  const type = lookups.type(typeName);
  if (type === undefined) {
    throw unusable(`there is no type ${typeName}`);
  }
  if (request.dataplaneResource !== '') {
    if (type.name !== dataplaneType.name) {
      return readGiven(type, request.dataplaneResource);
    }
    const given = readGiven(dataplaneType, request.dataplaneResource);
    return { ...given, dataplane: given.spec };
  }
  const mesh = type.scope === 'Mesh' ? request.mesh : '';
  const stored = await lookups.get(tenant, { type: typeName, mesh, name: request.name });
  if (stored === undefined) {
    throw new KumulusError('not_found', `there is no ${typeName} ${JSON.stringify(request.name)}`);
  }
  return { mesh, name: stored.name, spec: stored.spec, given: false };
}
