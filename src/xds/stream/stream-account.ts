import { isKumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { StreamProtocol, Telemetry } from '../../model/telemetry.ts';
import type { TenantId } from '../../model/tenant.ts';
import { grpcStatusOf } from '../status.ts';

/** Whose stream it is; names are what it says itself until it is let in. */
export interface StreamOwner {
  readonly tenant: TenantId;
  readonly mesh: string;
  readonly name: string;
}

/** What is told of one stream: two lines of the log, how it began and how it ended, and the same to be counted. */
export interface StreamAccount {
  /** What is known so far, for other lines of the log. */
  readonly owner: Partial<StreamOwner>;
  /** More is known of whose it is. */
  of(owner: Partial<StreamOwner>): void;
  /** Its proxy was let in. */
  letIn(): void;
  /**
   * It is over; idempotent.
   *
   * @param error why it was ended from here; absent where the proxy ended it.
   */
  ended(error?: unknown): void;
}

export interface StreamAccountDeps {
  readonly protocol: StreamProtocol;
  /** The peer's address and port. */
  readonly peer: string;
  readonly logger: Logger;
  readonly telemetry: Pick<Telemetry, 'streamOpened' | 'streamEnded'>;
  /** The revision of its mesh that the proxy has taken, if any. */
  readonly revision?: () => number | undefined;
  /** A clock in milliseconds that only goes forward; the process's own unless told. */
  readonly now?: () => number;
}

/** Opens the account of a stream that has begun. */
export function openStreamAccount(deps: StreamAccountDeps): StreamAccount {
  const { protocol, peer, logger, telemetry, now = () => performance.now() } = deps;
  const start = now();
  let owner: Partial<StreamOwner> = {};
  let isIn = false;
  let over = false;
  telemetry.streamOpened(protocol);
  return {
    get owner() {
      return owner;
    },
    of(known) {
      owner = { ...owner, ...known };
    },
    letIn() {
      isIn = true;
      logger.info('a proxy is connected', { ...owner, protocol, peer });
    },
    ended(error) {
      if (over) {
        return;
      }
      over = true;
      const ms = now() - start;
      const reason = error === undefined ? 'by_proxy' : isKumulusError(error) ? error.code : 'internal';
      telemetry.streamEnded(protocol, reason, ms);
      const revision = deps.revision?.();
      const fields = {
        ...owner,
        protocol,
        peer,
        reason,
        ...(error !== undefined && { details: grpcStatusOf(error).details }),
        ...(revision !== undefined && { revision }),
        seconds: Math.round(ms) / 1000,
      };
      if (reason === 'internal') {
        logger.error('a stream failed', { ...fields, error });
      } else {
        logger.info(isIn ? 'a proxy went' : 'a proxy was not let in', fields);
      }
    },
  };
}
