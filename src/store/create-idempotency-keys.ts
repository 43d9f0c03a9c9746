import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Clock, Logger } from '../model/ports.ts';
import { type TenantId, tenantId } from '../model/tenant.ts';
import type {
  IdempotencyClaim,
  IdempotencyKeys,
  IdempotencyOutcome,
  StoredAnswer,
} from './idempotency-keys.ts';
import {
  ConditionFailedError,
  type Item,
  type ItemKey,
  type ItemStore,
  maxValueBytes,
  type Owner,
  systemOwner,
} from './port.ts';
import type { SecretBox } from './secret-box.ts';

export interface IdempotencyKeysDeps {
  readonly items: ItemStore;
  /** Seals the answers, which may hold tokens. */
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a claim is good that its process does not keep up, in milliseconds; 10 s unless told. */
  readonly claimMs?: number;
}

/** How long an answer is kept, in seconds. */
const lifeSeconds = 24 * 3600;
const defaultClaimMs = 10_000;
/** Keys are spread over sixteen partitions, so that a tenant's pipelines are not bound by what one of them takes. */
const shardDigits = 1;
const operatorName = tenantId('operator');

/** What an item says; `until` is when a claim ends that is not kept up, in milliseconds since 1970. */
type State =
  | { readonly fingerprint: string; readonly until: number }
  | { readonly fingerprint: string; readonly sealed: string };

/** Creates the keys on the table: one item each, for a day. */
export function createIdempotencyKeys(deps: IdempotencyKeysDeps): IdempotencyKeys {
  const { items, secretBox, clock, logger, claimMs = defaultClaimMs } = deps;

  async function write(
    owner: Owner,
    key: ItemKey,
    current: Pick<Item, 'version'> | undefined,
    state: State,
  ): Promise<Item> {
    const item = {
      ...key,
      version: (current?.version ?? 0) + 1,
      value: JSON.stringify(state),
      expiresAt: Math.ceil(clock() / 1000) + lifeSeconds,
    };
    const condition = current === undefined ? { absent: true as const } : { version: current.version };
    await items.transact(owner, [{ kind: 'put', item, condition }]);
    return item;
  }

  /** Takes the key and keeps it up until it is completed or given free. */
  async function claim(
    owner: Owner,
    key: ItemKey,
    current: Item | undefined,
    fingerprint: string,
  ): Promise<IdempotencyClaim> {
    const held = (): State => ({ fingerprint, until: clock() + claimMs });
    let item = await write(owner, key, current, held());
    let last: Promise<unknown> = Promise.resolve();
    /** One step after the other, each on the version that the one before has written. */
    const step = (run: () => Promise<void>): Promise<void> => {
      const done = last.then(run);
      last = done.catch((error: unknown) => {
        logger.warn('an idempotency key could not be kept up', { owner, error });
      });
      return done;
    };
    const renew = async () => {
      item = await write(owner, key, item, held());
    };
    const timer = setInterval(() => step(renew).catch(() => undefined), claimMs / 3);
    timer.unref();
    return {
      async complete(answer) {
        clearInterval(timer);
        const sealed = await secretBox.seal(sealedFor(owner), packed(answer));
        // An answer that is too large for an item is not kept: who asks again has it done again.
        const fits = sealed.length < maxValueBytes - 1024;
        await step(async () => {
          if (fits) {
            await write(owner, key, item, { fingerprint, sealed });
          } else {
            await remove(owner, key, item);
          }
        });
      },
      async release() {
        clearInterval(timer);
        await step(() => remove(owner, key, item));
      },
    };
  }

  async function remove(owner: Owner, key: ItemKey, item: Item): Promise<void> {
    await items.transact(owner, [{ kind: 'delete', key, condition: { version: item.version } }]);
  }

  async function look(owner: Owner, key: ItemKey, fingerprint: string): Promise<IdempotencyOutcome> {
    const item = await items.get(owner, key);
    const state = item === undefined ? undefined : (JSON.parse(String(item.value)) as State);
    if (state !== undefined && state.fingerprint !== fingerprint) {
      return { kind: 'other-request' };
    }
    if (state !== undefined && 'sealed' in state) {
      return { kind: 'done', answer: unpacked(await secretBox.open(sealedFor(owner), state.sealed)) };
    }
    if (state !== undefined && state.until > clock()) {
      return { kind: 'running', retryAfterSeconds: Math.ceil((state.until - clock()) / 1000) };
    }
    return { kind: 'new', claim: await claim(owner, key, item, fingerprint) };
  }

  return {
    async begin({ owner, user, text }, fingerprint) {
      const name = hash(JSON.stringify([user, text]));
      const key = { partition: `idempotency/${name.slice(0, shardDigits)}`, sort: name };
      try {
        return await look(owner, key, fingerprint);
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) {
          throw error;
        }
        // Somebody else was faster: now there is something to be seen.
        return look(owner, key, fingerprint);
      }
    },
  };
}

function packed(answer: StoredAnswer): string {
  return deflateRawSync(JSON.stringify(answer)).toString('base64');
}

function unpacked(text: string): StoredAnswer {
  return JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()) as StoredAnswer;
}

/** What is the system's is sealed under a name of its own; no tenant's item can be put in its place. */
function sealedFor(owner: Owner): TenantId {
  return owner === systemOwner ? operatorName : owner;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
