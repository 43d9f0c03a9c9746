import { type ServableMap, type Step, type Verdict, verdictOf } from './type-state.ts';

/** The newest resources of a type and the mesh's revision that they come from. */
export interface Offer {
  readonly resources: ServableMap;
  readonly revision: number;
}

/**
 * The turn-taking on one type that both protocols share: the newest offer, the one response that may be in flight, and
 * which steps were found to have nothing left to say.
 */
export interface Exchange {
  readonly inFlight: boolean;
  readonly rejected: boolean;
  readonly lastNonce: string;
  /** The newest revision of which the proxy has taken everything; undefined before there is one. */
  readonly completed: number | undefined;
  offer(resources: ServableMap, revision: number): void;
  /** Whether the newest offer has such a resource. */
  offers(name: string): boolean;
  /** The offer to compare at a step; undefined where a response is in flight or the step was found settled. */
  toCompare(step: Step): Offer | undefined;
  /** Notes that a step has nothing to say until {@link Exchange.unsettle} or another offer. */
  settle(step: Step): void;
  unsettle(): void;
  /** Notes that a response for the offer goes out, and whether it is all that was left to say; gives its nonce. */
  send(offer: Offer, isAll: boolean): string;
  /** Takes the proxy's answer; undefined where it is none to the response in flight. */
  answer(nonce: string, refusal: string | undefined): Verdict | undefined;
}

/** @param lastStep the step after which there is nothing left to say. */
export function createExchange(lastStep: Step): Exchange {
  let offered: Offer | undefined;
  let flight: { readonly nonce: string; readonly revision: number; readonly isAll: boolean } | undefined;
  let completed: number | undefined;
  let rejected = false;
  let nonces = 0;
  const settled = { additions: false, all: false };

  const unsettle = () => {
    settled.additions = false;
    settled.all = false;
  };

  return {
    get inFlight() {
      return flight !== undefined;
    },
    get rejected() {
      return rejected;
    },
    get lastNonce() {
      return nonces === 0 ? '' : String(nonces);
    },
    get completed() {
      const isIdle = flight === undefined && !rejected && settled[lastStep];
      return isIdle && offered !== undefined ? offered.revision : completed;
    },
    offer(resources, revision) {
      if (offered?.resources !== resources) {
        unsettle();
      }
      offered = { resources, revision };
    },
    offers: (name) => offered?.resources.has(name) ?? false,
    toCompare: (step) => (flight !== undefined || settled[step] ? undefined : offered),
    settle(step) {
      settled[step] = true;
    },
    unsettle,
    send({ revision }, isAll) {
      nonces += 1;
      flight = { nonce: String(nonces), revision, isAll };
      return flight.nonce;
    },
    answer(nonce, refusal) {
      if (flight === undefined || nonce === '' || nonce !== flight.nonce) {
        return undefined;
      }
      const verdict = verdictOf(refusal, flight.revision);
      rejected = verdict.kind === 'rejected';
      completed = flight.isAll && !rejected ? flight.revision : completed;
      flight = undefined;
      return verdict;
    },
  };
}
