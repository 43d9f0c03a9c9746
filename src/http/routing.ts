import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { AccessState, Identified } from '../auth/identify.ts';
import type { RequestAccess } from '../auth/request-access.ts';
import type { User } from '../auth/user.ts';
import type { Author } from '../model/author.ts';
import type { TenantId } from '../model/tenant.ts';
import type { TenantRecord } from '../tenancy/tenant-record.ts';
import { routingError } from './errors.ts';

/** What is known of every request before its handler runs. */
export interface RequestVariables {
  readonly requestId: string;
  readonly tenant: TenantId;
  /** Gives the request's place among those in work to another: for what waits for something to happen. */
  readonly leaveGate: () => void;
  /** How the request was let in. */
  readonly admission: Promise<{ readonly record: TenantRecord | undefined; readonly taken: boolean }>;
  readonly user: User;
  /** What the user may do in the tenant. */
  readonly access: RequestAccess;
  /** The tenant's state by which the request was judged, read after it came in; it costs nothing where that was read for it. */
  readonly state: () => Promise<AccessState>;
  /** Asks anew who it is and what they may do, for answers that take their time; throws as it did at first. */
  readonly identify: () => Promise<Identified>;
  /** Whom changes that the request makes are put down to. */
  readonly author: Author;
  /** Methods of the routes whose path matched and whose method did not. */
  allowed: readonly string[];
}

export interface ApiEnvironment {
  readonly Variables: RequestVariables;
}

export type ApiContext = Context<ApiEnvironment>;
export type Api = Hono<ApiEnvironment>;
export type Handler = (context: ApiContext) => Promise<Response> | Response;

/** One endpoint. Paths are Hono's; several routes may share one, and a request goes to the first that has its method. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  /** Media types of bodies that it takes beside JSON. */
  readonly consumes?: readonly string[];
  /** There need be no body, and so no type, although the method may have one. */
  readonly bodyOptional?: boolean;
  /** It refuses whatever it is asked, so that no document tells of it. */
  readonly alwaysRefuses?: boolean;
  /** Media types of answers that it gives beside JSON. */
  readonly produces?: readonly string[];
  readonly handle: Handler;
}

const json = 'application/json';

/** The media types of a header, without parameters. */
function mediaTypes(header: string): readonly string[] {
  return header.split(',').map((type) => type.split(';', 1).join('').trim());
}

/** Whether the body's type is JSON, or another that the route takes. Only what reads no body may go without a type. */
function takesContent(context: ApiContext, { method, consumes = [], bodyOptional = false }: Route): boolean {
  const header = context.req.header('content-type') ?? '';
  if (header === json) {
    return true;
  }
  return header === ''
    ? method === 'GET' || method === 'DELETE' || bodyOptional
    : mediaTypes(header).some((type) => type === json || consumes.includes(type));
}

/** Whether the caller takes JSON, or another type that the route gives. As in the reference, `application/*` is not understood. */
function givesContent(context: ApiContext, { produces = [] }: Route): boolean {
  const header = context.req.header('accept') ?? '';
  return (
    header === '' ||
    header === json ||
    header === '*/*' ||
    mediaTypes(header).some((type) => type === json || type === '*/*' || produces.includes(type))
  );
}

/** Puts the content negotiation (RFC 9110, section 12.5) that every endpoint shares in front of its handler. */
function endpoint(handlers: ReadonlyMap<string, Route>): MiddlewareHandler<ApiEnvironment> {
  const methods = [...handlers.values()].flatMap((route) => (route.alwaysRefuses ? [] : [route.method]));
  return async (context, next) => {
    const route = handlers.get(context.req.method === 'HEAD' ? 'GET' : context.req.method);
    if (route === undefined) {
      context.set('allowed', [...(context.get('allowed') ?? []), ...methods]);
      await next();
      return;
    }
    if (route.alwaysRefuses === true) {
      context.set('allowed', methods);
      return route.handle(context);
    }
    if (!takesContent(context, route)) {
      return routingError(415, context.get('requestId'));
    }
    if (!givesContent(context, route)) {
      return routingError(406, context.get('requestId'));
    }
    return route.handle(context);
  };
}

/** Registers routes, those of one path together. Static paths must come before parameters that could stand for them. */
export function mount(api: Api, routes: readonly Route[]): void {
  const byPath = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const handlers = byPath.get(route.path) ?? new Map<string, Route>();
    handlers.set(route.method, route);
    byPath.set(route.path, handlers);
  }
  for (const [path, handlers] of byPath) {
    api.all(path, endpoint(handlers));
  }
  api.notFound((context) => {
    const allowed = context.get('allowed') ?? [];
    const requestId = context.get('requestId');
    return allowed.length > 0
      ? routingError(405, requestId, [...new Set(allowed)])
      : routingError(404, requestId);
  });
}

/** The parameters of a request's address; each may be there more than once. */
export function queryOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : url.slice(start + 1));
}
