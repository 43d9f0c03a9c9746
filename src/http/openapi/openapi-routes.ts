import type { ResourceType } from '../../model/resource-type.ts';
import { answerJson } from '../answer.ts';
import { requestIdHeader } from '../errors.ts';
import type { Route } from '../routing.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './document.ts';

const page = 'text/html';

/** What a page of ours may do: show itself. */
const contentSecurity =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** `GET` of the description of the given endpoints and of itself, made when it is first asked for. */
export function openApiRoute(
  path: string,
  routes: readonly Route[],
  types: readonly ResourceType[],
  version: string,
): Route {
  let text: string | undefined;
  const own: Route = {
    method: 'GET',
    path,
    handle(context) {
      text ??= JSON.stringify(openApiDocument([...routes, own], types, version));
      return answerJson(context, text);
    },
  };
  return own;
}

/** `GET /openapi.json` and `GET /docs`: the description of the given endpoints and of these two, for programs and to be read. */
export function openApiRoutes(
  routes: readonly Route[],
  types: readonly ResourceType[],
  version: string,
): readonly Route[] {
  let html: string | undefined;
  const docs: Route = {
    method: 'GET',
    path: '/docs',
    produces: [page],
    handle(context) {
      html ??= docsPage(openApiDocument([...routes, docs, document], types, version));
      return new Response(html, {
        headers: {
          'content-type': `${page}; charset=utf-8`,
          'content-security-policy': contentSecurity,
          [requestIdHeader]: context.get('requestId'),
        },
      });
    },
  };
  const document = openApiRoute('/openapi.json', [...routes, docs], types, version);
  return [document, docs];
}
