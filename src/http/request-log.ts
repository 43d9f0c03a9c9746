import type { MiddlewareHandler } from 'hono';
import type { Clock, IdSource, Logger } from '../model/ports.ts';
import { requestIdHeader } from './errors.ts';
import type { ApiEnvironment } from './routing.ts';

/** What a caller may choose as its request's name; anything else could forge lines of the log. */
const acceptedId = /^[\w.:-]{1,64}$/;

/** Names the request, as its caller did or anew, and writes one line for it: no query, no header, no body. */
export function requestLog(clock: Clock, ids: IdSource, logger: Logger): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const asked = context.req.header(requestIdHeader);
    const requestId = asked !== undefined && acceptedId.test(asked) ? asked : ids();
    context.set('requestId', requestId);
    const started = clock();
    await next();
    logger.info('request', {
      requestId,
      tenant: context.get('tenant'),
      user: context.get('user')?.name,
      method: context.req.method,
      path: context.req.path,
      status: context.res.status,
      milliseconds: clock() - started,
    });
  };
}
