import type { VerificationKey } from './rsa-keys.ts';

/** A public key for tokens that are signed elsewhere, as a deployment's configuration names it. */
export interface ConfiguredKey extends VerificationKey {
  /** The `kid` of its tokens. */
  readonly kid: string;
  /** The one mesh whose tokens it is for; every mesh where it is absent. Of dataplane tokens. */
  readonly mesh?: string;
}

/** What a deployment decides of one kind of tokens, under Kuma's names. */
export interface TokenKindSettings {
  /** Whether the control plane issues tokens of the kind. */
  readonly enableIssuer: boolean;
  /** Whether the keys that sign them are looked for among the secrets. */
  readonly useSecrets: boolean;
  readonly publicKeys: readonly ConfiguredKey[];
}

/** What a deployment decides of tokens. */
export type TokenSettings = Readonly<Record<'dataplane' | 'zone' | 'user', TokenKindSettings>>;

const kind: TokenKindSettings = { enableIssuer: true, useSecrets: true, publicKeys: [] };

/** Kuma's defaults. */
export const defaultTokenSettings: TokenSettings = { dataplane: kind, zone: kind, user: kind };
