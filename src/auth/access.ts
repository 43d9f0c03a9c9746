import { KumulusError } from '../model/errors.ts';
import type { AccessType, Authorize, RequestAccess } from './request-access.ts';
import { anonymousUser, type User, userText } from './user.ts';

/** Who may do something: these users, and everybody in these groups. */
export interface AccessRule {
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

/** Kuma's static access rules, by the names of its configuration (`access.static`). */
export interface AccessRules {
  /** Reading and writing Secrets and GlobalSecrets. */
  readonly adminResources: AccessRule;
  readonly generateDpToken: AccessRule;
  readonly generateUserToken: AccessRule;
  readonly generateZoneToken: AccessRule;
  readonly viewConfigDump: AccessRule;
  readonly viewStats: AccessRule;
  readonly viewClusters: AccessRule;
  /** `/config` and the like. */
  readonly controlPlaneMetadata: AccessRule;
  /**
   * Whether callers who do not say who they are may write what is no secret. They may in Kuma; here they may not unless
   * it is switched on, as one open port would else give a whole mesh away.
   */
  readonly anonymousWrites: boolean;
}

const admins: AccessRule = { users: ['mesh-system:admin'], groups: ['mesh-system:admin'] };
const everybody: AccessRule = {
  users: [],
  groups: ['mesh-system:unauthenticated', 'mesh-system:authenticated'],
};

/** Kuma's defaults, but for `anonymousWrites`. */
export const defaultAccessRules: AccessRules = {
  adminResources: admins,
  generateDpToken: admins,
  generateUserToken: admins,
  generateZoneToken: admins,
  viewConfigDump: everybody,
  viewStats: everybody,
  viewClusters: everybody,
  controlPlaneMetadata: everybody,
  anonymousWrites: false,
};

/** Decides by fixed rules, as the reference does. */
export function createStaticAuthorization(rules: AccessRules = defaultAccessRules): Authorize {
  return async (_tenant, user) => staticAccess(rules, user);
}

function staticAccess(rules: AccessRules, user: User): RequestAccess {
  const require = (rule: AccessRule, what: string): void => {
    if (!allows(rule, user)) throw denied(`user ${JSON.stringify(userText(user))} cannot access ${what}`);
  };
  const read = (type: AccessType): void => {
    if (type.secret) require(rules.adminResources, resourceText(type.name));
  };
  const write = (type: AccessType): void => {
    if (type.secret || (!rules.anonymousWrites && user.name === anonymousUser.name)) {
      require(rules.adminResources, resourceText(type.name));
    }
  };
  const proxyRules = {
    configDump: rules.viewConfigDump,
    stats: rules.viewStats,
    clusters: rules.viewClusters,
  };

  return {
    isAdmin: allows(rules.adminResources, user),
    isNobody: false,
    read,
    readable: (type) => (type.secret && !allows(rules.adminResources, user) ? new Set() : 'all'),
    writeAny: (_actions, type) => write(type),
    write: (_action, type) => write(type),
    generateDataplaneToken: () => require(rules.generateDpToken, 'generate dataplane token'),
    generateZoneToken: (zone) => require(rules.generateZoneToken, `generate zone token for zone '${zone}'`),
    generateUserToken() {
      if (!allows(rules.generateUserToken, user)) throw denied('action not allowed');
    },
    viewProxy: (what) => require(proxyRules[what], 'envoy proxy info'),
    viewControlPlane: () => require(rules.controlPlaneMetadata, 'control-plane metadata'),
    administer: (what) => require(rules.adminResources, what),
  };
}

function allows(rule: AccessRule, user: User): boolean {
  return rule.users.includes(user.name) || user.groups.some((group) => rule.groups.includes(group));
}

function resourceText(type: string): string {
  return `the resource of type ${JSON.stringify(type)}`;
}

function denied(message: string): KumulusError {
  return new KumulusError('forbidden', message, { title: 'Access Denied' });
}
