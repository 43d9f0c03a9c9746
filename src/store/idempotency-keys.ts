import type { Owner } from './port.ts';

/** What was answered to a request, as it is kept. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Whose key it is: the same text is another key for another tenant or user. */
export interface IdempotencyKey {
  /** A tenant, or the system for those who run the deployment. */
  readonly owner: Owner;
  readonly user: string;
  readonly text: string;
}

/** The right to do what a key stands for. It is kept up while the process lives, and lost soon after it dies. */
export interface IdempotencyClaim {
  /** Keeps the answer for those who ask again. */
  complete(answer: StoredAnswer): Promise<void>;
  /** Gives the key free: nothing was done. */
  release(): Promise<void>;
}

/** What a key turns out to be. */
export type IdempotencyOutcome =
  | { readonly kind: 'new'; readonly claim: IdempotencyClaim }
  | { readonly kind: 'done'; readonly answer: StoredAnswer }
  /** The key was used for another request. */
  | { readonly kind: 'other-request' }
  /** Somebody is doing it right now. */
  | { readonly kind: 'running'; readonly retryAfterSeconds: number };

/** Keys by which callers name requests that they may send twice. */
export interface IdempotencyKeys {
  /** @param fingerprint a hash of the request. */
  begin(key: IdempotencyKey, fingerprint: string): Promise<IdempotencyOutcome>;
}
