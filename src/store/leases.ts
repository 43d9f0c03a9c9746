/** One relay's sign of life. A proxy is online while its subscription is open and the lease of its relay lives. */
export interface Lease {
  /** The relay's instance id. */
  readonly relay: string;
  /** Milliseconds since 1970 up to which the relay counts as alive. */
  readonly expires: number;
  /** The address of the queue by which it is told of commits (`Queues`); absent where it has none. */
  readonly queue?: string;
}

/** The lease of a relay that has given it up or not renewed it in time. */
export interface DeadLease extends Lease {
  /** When the relay was last heard of, in milliseconds since 1970. */
  readonly renewed: number;
}

export interface Leases {
  /** Renews for `milliseconds` from now. */
  renew(relay: string, milliseconds: number, queue?: string): Promise<void>;
  /** Gives it up at once, as a relay does that stops. */
  release(relay: string, queue?: string): Promise<void>;
  /** All that live now. */
  list(): Promise<readonly Lease[]>;
  /** Those that do not live any more, until they are {@link bury buried}. */
  dead(): Promise<readonly DeadLease[]>;
  /** Removes a dead one, once all that its relay left has been seen to; it stays where the relay has come back. */
  bury(lease: DeadLease): Promise<void>;
}
