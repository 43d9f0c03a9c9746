import { KumulusError } from '../src/model/errors.ts';
import { SecretValue } from '../src/model/secret-value.ts';
import { readTextFile } from './dataplane-resource.ts';
import type { DataplaneSettings } from './settings.ts';

/**
 * The proxy's token, from `--dataplane-token` or else the file; undefined where neither is given. Only its form is checked
 * here (RFC 7519): the control plane says whether it holds. No message contains any of it.
 *
 * @throws KumulusError `not_found` for a file that cannot be read, `bad_request` for what is no JWT.
 */
export async function readToken(settings: DataplaneSettings): Promise<SecretValue | undefined> {
  const source = settings.token === undefined ? settings.tokenFile : '--dataplane-token';
  if (source === undefined) return undefined;
  const text = settings.token?.reveal() ?? (await readTextFile(source, '--dataplane-token-file'));
  const token = text.trim();
  if (token === '') throw new KumulusError('bad_request', `${source} is empty`);
  if (/\s/.test(token)) {
    throw new KumulusError('bad_request', `${source} holds more than a token: there is white space inside`);
  }
  if (!hasJwtForm(token)) {
    throw new KumulusError('bad_request', `${source} holds no token: a dataplane token is a JWT`);
  }
  return new SecretValue(token);
}

function hasJwtForm(token: string): boolean {
  const parts = token.split('.');
  const [header] = parts;
  if (parts.length !== 3 || header === undefined || !parts.every((part) => /^[\w-]+$/.test(part)))
    return false;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && 'alg' in parsed && typeof parsed.alg === 'string';
  } catch {
    return false;
  }
}
