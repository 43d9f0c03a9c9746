/** One relay's sign of life. A proxy is online while its subscription is open and the lease of its relay lives. */
export interface Lease {
  /** The relay's instance id. */
  readonly relay: string;
  /** Milliseconds since 1970 up to which the relay counts as alive. */
  readonly expires: number;
}

export interface Leases {
  /** Renews for `milliseconds` from now. */
  renew(relay: string, milliseconds: number): Promise<void>;
  /** Gives it up at once, as a relay does that stops. */
  release(relay: string): Promise<void>;
  /** All that live now. */
  list(): Promise<readonly Lease[]>;
}
