/** The longest SPIFFE ID that implementations have to take (SPIFFE-ID, section 2.3). */
const maxLength = 2048;

const trustDomainAndPath = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[A-Za-z0-9._-]+)*)$/;

/**
 * Whether the text is a SPIFFE ID (https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md): a trust domain,
 * then perhaps a path without empty or relative segments and without a slash at its end.
 */
export function isSpiffeId(text: string): boolean {
  const path = text.length > maxLength ? undefined : trustDomainAndPath.exec(text)?.[2];
  return path !== undefined && !path.split('/').some((segment) => segment === '.' || segment === '..');
}
