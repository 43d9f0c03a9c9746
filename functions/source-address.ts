import type { Context } from 'hono';

/** From where a request came to the gateway (payload 2.0, `requestContext.http.sourceIp`). */
export function sourceAddressOf({ env }: Pick<Context, 'env'>): string | undefined {
  const { http } = Object(Object(env).requestContext);
  const address: unknown = Object(http).sourceIp;
  return typeof address === 'string' ? address : undefined;
}
