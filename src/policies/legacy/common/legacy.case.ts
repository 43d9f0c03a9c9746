/** For tests: one selector for the proxies of a service, perhaps with more tags. */
export function service(name: string, tags: object = {}) {
  return { match: { 'kuma.io/service': name, ...tags } };
}

/** For tests: `sources` and `destinations` that every policy for connections takes. */
export const connection = {
  sources: [service('web')],
  destinations: [service('backend', {})],
};
