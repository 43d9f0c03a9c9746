import { KumulusError } from '../../model/errors.ts';
import type { AccessKind } from '../../model/types/access-role/schema.ts';
import type { NewUserClaims } from '../../tokens/requests.ts';
import type { AccessType, ProxyView, RequestAccess } from '../request-access.ts';
import { type User, userText } from '../user.ts';
import { qualifiesSpec, qualifiesToken } from './qualifiers.ts';
import { allows, isAbout, letsRead, letsWrite, namesOf, type RoleRule } from './role-rule.ts';

const views: Readonly<Record<ProxyView, AccessKind>> = {
  configDump: 'VIEW_CONFIG_DUMP',
  stats: 'VIEW_STATS',
  clusters: 'VIEW_CLUSTERS',
};

/**
 * What somebody may do who has the given rules.
 *
 * @param mayActAs whether all that the bearer of a user token would have is the user's already.
 */
export function ruleAccess(
  user: User,
  rules: readonly RoleRule[],
  mayActAs: (claims: NewUserClaims) => boolean,
): RequestAccess {
  const refused = (what: string) => denied(`user ${JSON.stringify(userText(user))} cannot access ${what}`);
  const refusedType = ({ name }: AccessType) => refused(`the resource of type ${JSON.stringify(name)}`);
  const some = (kind: AccessKind, mesh: string, name: string) =>
    rules.some((rule) => allows(rule, kind, mesh, name));

  function mayRead(type: AccessType, mesh: string | undefined, name: string | undefined): boolean {
    return rules.some((rule) => {
      if (!letsRead(rule, type)) return false;
      if (mesh === undefined && type.scope === 'Mesh') return true;
      const names = namesOf(rule, type, mesh ?? '');
      return names === 'all' || (name === undefined ? names.size > 0 : names.has(name));
    });
  }

  return {
    isAdmin: false,
    isNobody: rules.length === 0,

    read(type, mesh, name) {
      if (!mayRead(type, mesh, name)) throw refusedType(type);
    },

    readable(type, mesh) {
      const names = new Set<string>();
      for (const rule of rules) {
        if (!letsRead(rule, type)) continue;
        const more = namesOf(rule, type, mesh);
        if (more === 'all') return more;
        for (const name of more) names.add(name);
      }
      return names;
    },

    writeAny(actions, type, { mesh, name }) {
      const may = rules.some(
        (rule) => actions.some((action) => letsWrite(rule, action, type)) && isAbout(rule, type, mesh, name),
      );
      if (!may) throw refusedType(type);
    },

    write(action, type, { mesh, name }, specs) {
      const about = rules.filter((rule) => letsWrite(rule, action, type) && isAbout(rule, type, mesh, name));
      const isTargetRef = type.policy?.isTargetRef === true;
      // Each version may be within another rule: what counts is that the user could have written both.
      const may = specs.every((spec) => about.some(({ when }) => qualifiesSpec(when, spec, isTargetRef)));
      if (about.length === 0 || !may) throw refusedType(type);
    },

    generateDataplaneToken(claims) {
      const kind = 'GENERATE_DATAPLANE_TOKEN';
      const may = rules.some(
        (rule) => allows(rule, kind, claims.Mesh, claims.Name) && qualifiesToken(rule.when, claims),
      );
      if (!may) throw refused('generate dataplane token');
    },

    generateZoneToken(zone, scope) {
      const isForControlPlane = scope.length > 0 && scope.every((each) => each === 'cp');
      const may =
        some('GENERATE_ZONE_TOKEN', '', zone) ||
        (isForControlPlane && some('GENERATE_ZONE_CP_TOKEN', '', zone));
      if (!may) throw refused(`generate zone token for zone '${zone}'`);
    },

    generateUserToken(claims) {
      const may =
        claims === undefined
          ? rules.some(({ access, mesh }) => access.has('GENERATE_USER_TOKEN') && mesh === undefined)
          : some('GENERATE_USER_TOKEN', '', claims.Name) && mayActAs(claims);
      if (!may) throw denied('action not allowed');
    },

    viewProxy(what, mesh, proxy) {
      if (!some(views[what], mesh, proxy)) throw refused('envoy proxy info');
    },

    viewControlPlane() {
      if (!some('VIEW_CONTROL_PLANE_METADATA', '', '')) throw refused('control-plane metadata');
    },

    administer(what) {
      throw refused(what);
    },
  };
}

/** What an administrator may do. */
export const adminAccess: RequestAccess = {
  isAdmin: true,
  isNobody: false,
  read() {},
  readable: () => 'all',
  writeAny() {},
  write() {},
  generateDataplaneToken() {},
  generateZoneToken() {},
  generateUserToken() {},
  viewProxy() {},
  viewControlPlane() {},
  administer() {},
};

function denied(message: string): KumulusError {
  return new KumulusError('forbidden', message, { title: 'Access Denied' });
}
