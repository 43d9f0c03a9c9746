import { Exchange } from './exchange.ts';
import type { ServableMap } from './type-state.ts';

/** What both protocols keep of the subscription to one type. See {@link Exchange} for why it is a class. */
export abstract class Subscription {
  subscribed = false;
  /** Whether removals go along with additions. */
  protected readonly removeAtOnce: boolean;
  protected readonly exchange: Exchange;
  /** The names that the proxy asks for. */
  protected abstract names: ReadonlySet<string>;
  /** What is sent again although it is held; absent where nothing is. */
  protected again: Set<string> | undefined;

  constructor(removeAtOnce: boolean) {
    this.removeAtOnce = removeAtOnce;
    this.exchange = new Exchange(removeAtOnce ? 'additions' : 'all');
  }

  get inFlight(): boolean {
    return this.exchange.inFlight;
  }

  get rejected(): boolean {
    return this.exchange.rejected;
  }

  get completed(): number | undefined {
    return this.exchange.completed;
  }

  offer(resources: ServableMap, revision: number): void {
    this.exchange.offer(resources, revision);
  }

  resend(wanted: Iterable<string>): void {
    for (const name of wanted) {
      if (this.names.has(name) || this.exchange.offers(name)) {
        this.again ??= new Set();
        this.again.add(name);
        this.exchange.unsettle();
      }
    }
  }
}
