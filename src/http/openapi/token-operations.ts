import { tokenRequestSchemas } from '../../tokens/requests.ts';
import type { Route } from '../routing.ts';
import type { Operation } from './operation.ts';

const summaries = {
  dataplane: 'A token for data plane proxies',
  zone: 'A token for zone proxies',
  user: 'A token for a user',
} as const;

/** What is said of `POST /tokens/…`. */
export function tokenOperation({ method, path }: Pick<Route, 'method' | 'path'>): Operation | undefined {
  for (const kind of ['dataplane', 'zone', 'user'] as const) {
    if (method === 'POST' && path === `/tokens/${kind}`) {
      return {
        tag: 'tokens',
        summary: summaries[kind],
        description: 'A body of another shape gets a 400 without a body, as in Kuma.',
        body: { schema: tokenRequestSchemas[kind] },
        answers: {
          200: { description: 'The token, a JWT.', schema: { type: 'string' }, mediaType: 'text/plain' },
        },
      };
    }
  }
  return undefined;
}
