/** The values of Kuma's enum `HttpMethod`; the first is its default. */
export const httpMethods = [
  'NONE',
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
] as const;
