/** Kuma's path of its webhook. */
export const injectionPath = '/inject-sidecar';

/** `…/inject-sidecar`, perhaps the mesh of the namespaces that it is called for, and perhaps a token. */
const withToken = /^(.*\/inject-sidecar(?:\/meshes\/[^/]+)?)\/tokens\/([^/]+)\/?$/;

/** Whether a path of a tenant's control plane is one of the webhook. */
export function isInjectionPath(path: string): boolean {
  return path === injectionPath || path.startsWith(`${injectionPath}/`);
}

/**
 * The same request with a token in its path moved into `Authorization`, before anything looks at it: paths are written down.
 * The API server of a cluster shows a webhook nothing but its address, unless it was started with a file that says otherwise.
 */
export function withoutTokenInPath(request: Request): Request {
  const url = new URL(request.url);
  const [, path, token] = withToken.exec(url.pathname) ?? [];
  if (path === undefined || token === undefined) return request;
  url.pathname = path;
  const moved = new Request(url, request);
  moved.headers.set('authorization', `Bearer ${token}`);
  return moved;
}
