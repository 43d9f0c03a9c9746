import * as z from 'zod';
import type { TenantId } from '../model/tenant.ts';
import { readPublicKey } from './rsa-keys.ts';
import type { ConfiguredKey, TokenKindSettings, TokenSettings } from './token-settings.ts';

/** Where Kuma's configuration has the settings of each kind of tokens, as names of environment variables. */
const prefixes = {
  dataplane: 'KUMA_DP_SERVER_AUTHN_DP_PROXY_DP_TOKEN',
  zone: 'KUMA_DP_SERVER_AUTHN_ZONE_PROXY_ZONE_TOKEN',
  user: 'KUMA_API_SERVER_AUTHN_TOKENS',
} as const;

const publicKeysSchema = z.array(
  z.strictObject({
    /** YAML reads a `kid` of digits as a number. */
    kid: z.union([z.string().min(1), z.int()]).transform(String),
    key: z.string().min(1).optional(),
    keyFile: z.string().min(1).optional(),
    mesh: z.string().optional(),
  }),
);

/**
 * Reads what a deployment decides of tokens: `<prefix>_ENABLE_ISSUER`, `<prefix>_VALIDATOR_USE_SECRETS`, which are both
 * true unless told, and `<prefix>_VALIDATOR_PUBLIC_KEYS`, a list in JSON with the members of Kuma's `publicKeys`: `kid`, `key` or
 * `keyFile`, and `mesh` for dataplane tokens.
 *
 * @param readFile the text of a file, for `keyFile`.
 * @throws Error that names the variable and what is wrong with it.
 */
export function tokenSettingsOf(
  environment: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
): TokenSettings {
  const kind = (prefix: string): TokenKindSettings => ({
    enableIssuer: flag(environment, `${prefix}_ENABLE_ISSUER`),
    useSecrets: flag(environment, `${prefix}_VALIDATOR_USE_SECRETS`),
    publicKeys: publicKeys(environment, `${prefix}_VALIDATOR_PUBLIC_KEYS`, readFile),
  });
  return { dataplane: kind(prefixes.dataplane), zone: kind(prefixes.zone), user: kind(prefixes.user) };
}

/**
 * Public keys of a deployment's configuration are those of one tenant: whoever holds the private ones would else be let
 * in by all. The others have theirs among their secrets.
 *
 * @param owner whose keys they are; nobody's where it is undefined.
 */
export function settingsByTenant(
  settings: TokenSettings,
  owner: TenantId | undefined,
): (tenant: TenantId) => TokenSettings {
  const withoutKeys = (kind: TokenKindSettings): TokenKindSettings => ({ ...kind, publicKeys: [] });
  const others: TokenSettings = {
    dataplane: withoutKeys(settings.dataplane),
    zone: withoutKeys(settings.zone),
    user: withoutKeys(settings.user),
  };
  return (tenant) => (tenant === owner ? settings : others);
}

function publicKeys(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  readFile: (path: string) => string,
): readonly ConfiguredKey[] {
  const text = environment[name] ?? '';
  if (text === '') return [];
  const parsed = publicKeysSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) throw new Error(`${name} takes a list of {kid, key or keyFile} in JSON`);
  return parsed.data.map(({ kid, key, keyFile, mesh }) => {
    if ((key === undefined) === (keyFile === undefined)) {
      throw new Error(`${name}: the key ${JSON.stringify(kid)} takes either key or keyFile`);
    }
    try {
      const pem = key ?? readFile(keyFile ?? '');
      return { kid, ...readPublicKey(pem, JSON.stringify(kid)), ...(mesh !== undefined && { mesh }) };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${name}: ${reason}`, { cause });
    }
  });
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As Go's `strconv.ParseBool` reads it. */
function flag(environment: Readonly<Record<string, string | undefined>>, name: string): boolean {
  const text = environment[name] ?? '';
  if (text === '' || /^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw new Error(`${name} takes true or false, got ${JSON.stringify(text)}`);
}
