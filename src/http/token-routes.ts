import type { RequestAccess } from '../auth/request-access.ts';
import { KumulusError } from '../model/errors.ts';
import type { TenantId } from '../model/tenant.ts';
import type { Trail } from '../store/trail.ts';
import {
  parseDataplaneTokenRequest,
  parseUserTokenRequest,
  parseZoneTokenRequest,
  readZoneTokenRequest,
  type TokenRequest,
} from '../tokens/requests.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { readBody } from './body.ts';
import { requestIdHeader, titled } from './errors.ts';
import type { ApiContext, Route } from './routing.ts';
import { type TokenSubject, tokenRecord } from './token-record.ts';

/** One kind of tokens that can be had. */
interface TokenKind<Claims> {
  readonly path: string;
  /** What is asked before the body is looked at. @throws KumulusError `forbidden` */
  enter?(access: RequestAccess): void;
  /**
   * What is asked before the values of the body are. The order is the reference's, each kind has its own.
   *
   * @throws KumulusError `forbidden`, or `bad_request` where the body has another shape.
   */
  preview?(access: RequestAccess, body: unknown): void;
  parse(body: unknown): TokenRequest<Claims>;
  /** @throws KumulusError `forbidden` */
  authorize(access: RequestAccess, claims: Claims): void;
  issue(tenant: TenantId, request: TokenRequest<Claims>): Promise<string>;
  /** What the audit trail says of it. */
  subject(claims: Claims): TokenSubject;
}

/**
 * The request in a body.
 *
 * @throws KumulusError `bad_request` where it has another shape, `invalid` where it breaks rules; those of the kind.
 */
async function requestOf<Claims>(
  context: ApiContext,
  kind: TokenKind<Claims>,
): Promise<TokenRequest<Claims>> {
  const body = parsedJson(await readBody(context.req.raw));
  kind.preview?.(context.get('access'), body);
  return kind.parse(body);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const reason = text.trim() === '' ? 'unexpected end of JSON input' : 'invalid JSON';
    throw new KumulusError('bad_request', `bad request: the body cannot be read: ${reason}`);
  }
}

function tokenRoute<Claims>(kind: TokenKind<Claims>, trail: Trail): Route {
  return {
    method: 'POST',
    path: `/tokens/${kind.path}`,
    async handle(context) {
      const requestId = context.get('requestId');
      kind.enter?.(context.get('access'));
      const request = await requestOf(context, kind);
      kind.authorize(context.get('access'), request.claims);
      const tenant = context.get('tenant');
      const token = await titled('Could not issue a token', async () => {
        const issued = await kind.issue(tenant, request);
        const subject = kind.subject(request.claims);
        await trail.append(tenant, tokenRecord(subject, issued, context.get('author')));
        return issued;
      });
      return new Response(token, {
        headers: {
          'content-type': 'text/plain',
          'cache-control': 'no-store',
          [requestIdHeader]: requestId,
        },
      });
    },
  };
}

/** `POST /tokens/…`: signed tokens as plain text, for administrators. None is given out without a record. */
export function tokenRoutes(tokens: Tokens, trail: Trail): readonly Route[] {
  return [
    tokenRoute(
      {
        path: 'dataplane',
        parse: parseDataplaneTokenRequest,
        authorize: (access, claims) => access.generateDataplaneToken(claims),
        issue: tokens.issueDataplane,
        subject: ({ Mesh, Name }) => ({ type: 'DataplaneToken', mesh: Mesh, name: Name }),
      },
      trail,
    ),
    tokenRoute(
      {
        path: 'zone',
        preview(access, body) {
          const { zone, scope } = readZoneTokenRequest(body);
          access.generateZoneToken(zone ?? '', scope ?? []);
        },
        parse: parseZoneTokenRequest,
        authorize: (access, claims) => access.generateZoneToken(claims.Zone, claims.Scope),
        issue: tokens.issueZone,
        subject: ({ Zone }) => ({ type: 'ZoneToken', mesh: '', name: Zone }),
      },
      trail,
    ),
    tokenRoute(
      {
        path: 'user',
        enter: (access) => access.generateUserToken(),
        parse: parseUserTokenRequest,
        authorize: (access, claims) => access.generateUserToken(claims),
        issue: tokens.issueUser,
        subject: ({ Name }) => ({ type: 'UserToken', mesh: '', name: Name }),
      },
      trail,
    ),
  ];
}
