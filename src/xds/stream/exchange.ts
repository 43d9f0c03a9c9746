import { type ServableMap, type Step, type Verdict, verdictOf } from './type-state.ts';

/** The newest resources of a type and the mesh's revision that they come from. */
export interface Offer {
  readonly resources: ServableMap;
  readonly revision: number;
}

interface Flight {
  readonly nonce: string;
  readonly revision: number;
  readonly isAll: boolean;
  /** What it is about; undefined where it is about everything. */
  readonly names: readonly string[] | undefined;
}

/** Stands for all names; no resource is called so, as it is what a subscription to all is called. */
const everything = '*';

/**
 * The turn-taking on one type that both protocols share: the newest offer, the one response that may be in flight, and
 * which steps were found to have nothing left to say.
 *
 * It is a class, as are the states that it is part of, because every stream has some of each: an object with a dozen
 * functions of its own takes 4 KB, one of a class 150 bytes.
 */
export class Exchange {
  readonly #lastStep: Step;
  #offered: Offer | undefined;
  #flight: Flight | undefined;
  #completed: number | undefined;
  /** What the proxy refused and has not taken since, `*` for everything; absent where there is nothing. */
  #refused: Set<string> | undefined;
  #nonces = 0;
  /** Which steps were found to have nothing to say. */
  #additionsSettled = false;
  #allSettled = false;

  /** @param lastStep the step after which there is nothing left to say. */
  constructor(lastStep: Step) {
    this.#lastStep = lastStep;
  }

  get inFlight(): boolean {
    return this.#flight !== undefined;
  }

  /** The proxy has refused something that is still offered, and uses what was there before. */
  get rejected(): boolean {
    for (const name of this.#refused ?? []) {
      if (name === everything || this.#offered?.resources.has(name) === true) {
        return true;
      }
    }
    return false;
  }

  get lastNonce(): string {
    return this.#nonces === 0 ? '' : String(this.#nonces);
  }

  /** The newest revision of which the proxy has taken everything; undefined before there is one. */
  get completed(): number | undefined {
    const isIdle = this.#flight === undefined && this.#isSettled(this.#lastStep) && !this.rejected;
    return isIdle && this.#offered !== undefined ? this.#offered.revision : this.#completed;
  }

  offer(resources: ServableMap, revision: number): void {
    if (this.#offered?.resources !== resources) {
      this.unsettle();
    }
    this.#offered = { resources, revision };
  }

  /** Whether the newest offer has such a resource. */
  offers(name: string): boolean {
    return this.#offered?.resources.has(name) ?? false;
  }

  /** The offer to compare at a step; undefined where a response is in flight or the step was found settled. */
  toCompare(step: Step): Offer | undefined {
    return this.#flight !== undefined || this.#isSettled(step) ? undefined : this.#offered;
  }

  /** Notes that a step has nothing to say until {@link Exchange.unsettle} or another offer. */
  settle(step: Step): void {
    if (step === 'all') {
      this.#allSettled = true;
    } else {
      this.#additionsSettled = true;
    }
  }

  unsettle(): void {
    this.#completed = this.completed;
    this.#additionsSettled = false;
    this.#allSettled = false;
  }

  /**
   * Notes that a response for the offer goes out, and whether it is all that was left to say; gives its nonce.
   *
   * @param names what it is about, where that is not everything.
   */
  send({ revision }: Offer, isAll: boolean, names?: readonly string[]): string {
    this.#nonces += 1;
    const nonce = String(this.#nonces);
    this.#flight = { nonce, revision, isAll, names };
    return nonce;
  }

  /** The proxy does not want it any more, so it does not matter whether it refused it. */
  forget(name: string): void {
    this.#refused?.delete(name);
  }

  /** Takes the proxy's answer; undefined where it is none to the response in flight. */
  answer(nonce: string, refusal: string | undefined): Verdict | undefined {
    const flight = this.#flight;
    if (flight === undefined || nonce === '' || nonce !== flight.nonce) {
      return undefined;
    }
    const verdict = verdictOf(refusal, flight.revision);
    this.#flight = undefined;
    this.#judge(flight.names, verdict.kind === 'rejected');
    if (flight.isAll && !this.rejected) {
      this.#completed = flight.revision;
    }
    return verdict;
  }

  #judge(names: readonly string[] | undefined, isRefused: boolean): void {
    if (isRefused) {
      this.#refused ??= new Set();
      for (const name of names ?? [everything]) {
        this.#refused.add(name);
      }
    } else if (names === undefined) {
      this.#refused = undefined;
    } else {
      for (const name of names) {
        this.#refused?.delete(name);
      }
    }
  }

  #isSettled(step: Step): boolean {
    return step === 'all' ? this.#allSettled : this.#additionsSettled;
  }
}
