import type { Violations } from '../../violations.ts';

/** The longest name of DNS (RFC 1035). */
const maxLength = 253;

const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Checks the host name of a listener: `*`, `*.example.com` or `example.com`. */
export function validateHostname(violations: Violations, path: string, hostname: string): void {
  if (hostname === '*') {
    return;
  }
  if (Buffer.byteLength(hostname) > maxLength) {
    violations.add(path, `must be at most ${maxLength} characters`);
  }
  const wildcard = hostname.startsWith('*.');
  if (!domain.test(wildcard ? hostname.slice('*.'.length) : hostname)) {
    violations.add(path, wildcard ? 'invalid wildcard domain' : 'invalid hostname');
  }
}
