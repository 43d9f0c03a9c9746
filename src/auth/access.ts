import { KumulusError } from '../model/errors.ts';
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

/** Every function throws KumulusError `forbidden`, titled and worded as the reference does, where the user may not. */
export interface Access {
  /** `secret` is that of the resource's type: such resources are for administrators. */
  readResource(user: User, type: { readonly name: string; readonly secret: boolean }): void;
  writeResource(user: User, type: { readonly name: string; readonly secret: boolean }): void;
  generateDataplaneToken(user: User): void;
  generateZoneToken(user: User, zone: string): void;
  generateUserToken(user: User): void;
  viewProxy(user: User, what: 'configDump' | 'stats' | 'clusters'): void;
  viewControlPlane(user: User): void;
}

export function createAccess(rules: AccessRules = defaultAccessRules): Access {
  const require = (rule: AccessRule, user: User, what: string): void => {
    if (!allows(rule, user)) throw denied(`user ${JSON.stringify(userText(user))} cannot access ${what}`);
  };
  const requireResource = (user: User, type: { readonly name: string; readonly secret: boolean }): void => {
    if (type.secret) require(rules.adminResources, user, resourceText(type.name));
  };
  const proxyRules = {
    configDump: rules.viewConfigDump,
    stats: rules.viewStats,
    clusters: rules.viewClusters,
  };

  return {
    readResource: requireResource,
    writeResource(user, type) {
      requireResource(user, type);
      if (!rules.anonymousWrites && user.name === anonymousUser.name) {
        require(rules.adminResources, user, resourceText(type.name));
      }
    },
    generateDataplaneToken: (user) => require(rules.generateDpToken, user, 'generate dataplane token'),
    generateZoneToken: (user, zone) =>
      require(rules.generateZoneToken, user, `generate zone token for zone '${zone}'`),
    generateUserToken(user) {
      if (!allows(rules.generateUserToken, user)) throw denied('action not allowed');
    },
    viewProxy: (user, what) => require(proxyRules[what], user, 'envoy proxy info'),
    viewControlPlane: (user) => require(rules.controlPlaneMetadata, user, 'control-plane metadata'),
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
