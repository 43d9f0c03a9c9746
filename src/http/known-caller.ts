import type { MiddlewareHandler } from 'hono';
import type { Identify } from '../auth/identify.ts';
import { isAnonymous } from '../auth/user.ts';
import { requestAuthor } from './request-author.ts';
import type { ApiContext, ApiEnvironment } from './routing.ts';
import { type Admission, notAuthenticated } from './tenancy/admission.ts';

export interface KnownCallerDeps {
  readonly identify: Identify;
  /** The address at the other end of the socket; undefined where there is none to be had. */
  peerAddressOf(context: ApiContext): string | undefined;
  /** What the server found of a caller's client certificate; nobody has one unless told. */
  certificateOf?(context: ApiContext): 'trusted' | 'untrusted' | undefined;
  /** Whether callers without a credential may read what roles give them. */
  readonly anonymousReads: boolean;
}

/** Finds out who asks and what they may do, and lets in who may be served. */
export function knownCaller(deps: KnownCallerDeps, admission: Admission): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const tenant = context.get('tenant');
    const peerAddress = deps.peerAddressOf(context);
    const caller = {
      peerAddress,
      certificate: deps.certificateOf?.(context),
      header: (name: string) => context.req.header(name),
    };
    const identify = () => deps.identify(tenant, caller);
    const identifying = identify();
    // How the request was let in is told first, whatever comes first.
    identifying.catch(() => undefined);
    await context.get('admission');
    const { user, access, state } = await identifying;
    context.set('identify', identify);
    context.set('user', user);
    context.set('author', requestAuthor(user, peerAddress, context.get('requestId')));
    context.set('access', access);
    context.set('state', state);
    const isNobody = isAnonymous(user) && (!deps.anonymousReads || access.isNobody);
    if (isNobody && context.req.path !== '/') {
      throw notAuthenticated();
    }
    await admission.requireServed(context, user);
    await next();
  };
}
