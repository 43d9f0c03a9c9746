import type { ResourceType } from '../../model/resource-type.ts';
import { answerJson } from '../answer.ts';
import { requestIdHeader } from '../errors.ts';
import type { Route } from '../routing.ts';
import { docsPage } from './docs-page.ts';
import { type OpenApiDocument, openApiDocument } from './document.ts';

const page = 'text/html';

/** What a page of ours may do: show itself. */
const contentSecurity =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/**
 * `GET /openapi.json` and `GET /docs`: the description of the given endpoints and of these two, made when it is first
 * asked for.
 */
export function openApiRoutes(
  routes: readonly Route[],
  types: readonly ResourceType[],
  version: string,
): readonly Route[] {
  let document: OpenApiDocument | undefined;
  let text: string | undefined;
  let html: string | undefined;
  const described = () => {
    document ??= openApiDocument([...routes, ...own], types, version);
    return document;
  };
  const own: readonly Route[] = [
    {
      method: 'GET',
      path: '/openapi.json',
      handle(context) {
        text ??= JSON.stringify(described());
        return answerJson(context, text);
      },
    },
    {
      method: 'GET',
      path: '/docs',
      produces: [page],
      handle(context) {
        html ??= docsPage(described());
        return new Response(html, {
          headers: {
            'content-type': `${page}; charset=utf-8`,
            'content-security-policy': contentSecurity,
            [requestIdHeader]: context.get('requestId'),
          },
        });
      },
    },
  ];
  return own;
}
