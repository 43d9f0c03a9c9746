import type { ResourceKey } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { NewDataplaneClaims, NewUserClaims } from '../tokens/requests.ts';

/** What of a type decisions depend on. */
export type AccessType = Pick<ResourceType, 'name' | 'scope' | 'secret' | 'policy'>;

export type WriteAction = 'CREATE' | 'UPDATE' | 'DELETE';

/** What can be looked at of a proxy beside its resources. */
export type ProxyView = 'configDump' | 'stats' | 'clusters';

/** The names of what may be read in a mesh: all of them, or these. */
export type Readable = 'all' | ReadonlySet<string>;

/**
 * What one user may do in one tenant: made once a request, from the tenant's roles and bindings. Every function without
 * a result throws KumulusError `forbidden`, titled and worded as the reference does, where the user may not.
 */
export interface RequestAccess {
  /** Everything is allowed, secrets and roles included. */
  readonly isAdmin: boolean;
  /** Nothing at all is allowed: what a caller gets whom nobody has given a role. */
  readonly isNobody: boolean;

  /**
   * Reading one resource; without a name a list in a mesh, and without a mesh a list over all meshes. A list is
   * forbidden where nothing could be in it, whatever there is; {@link readable} says what may be in it.
   *
   * @param mesh empty for types of global scope.
   */
  read(type: AccessType, mesh?: string, name?: string): void;
  /** What of a type may be shown in a list. */
  readable(type: AccessType, mesh: string): Readable;

  /** Whether one of the actions could be allowed, before it is known which it is and what with. */
  writeAny(actions: readonly WriteAction[], type: AccessType, key: Omit<ResourceKey, 'type'>): void;
  /**
   * Writing one resource.
   *
   * @param specs what is to be stored and what is stored already; all of them must be the user's to write.
   */
  write(
    action: WriteAction,
    type: AccessType,
    key: Omit<ResourceKey, 'type'>,
    specs: readonly unknown[],
  ): void;

  generateDataplaneToken(claims: Pick<NewDataplaneClaims, 'Name' | 'Mesh' | 'Tags' | 'Workload'>): void;
  generateZoneToken(zone: string, scope: readonly string[]): void;
  /** Without claims, whether any could be made. Nobody can make a token for somebody who may do more than they. */
  generateUserToken(claims?: NewUserClaims): void;

  viewProxy(what: ProxyView, mesh: string, proxy: string): void;
  /** `/config` and the like. */
  viewControlPlane(): void;
  /** What is for administrators alone, such as the audit log; `what` is named in the refusal. */
  administer(what: string): void;
}
