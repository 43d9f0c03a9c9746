import { digestOf } from '../store/insights/digest.ts';
import type { InsightRecord } from '../store/insights.ts';
import type { RelayAlive } from './rows.ts';

/** Relays that hold streams, or did, and whether they live. */
export type RelayLives = ReadonlyMap<string, boolean>;

/** The same answer for a relay however often it is asked, though time goes on. */
export function answeredOnce(alive: RelayAlive): RelayAlive {
  const answers = new Map<string, boolean>();
  return (relay) => {
    const answer = answers.get(relay) ?? alive(relay);
    answers.set(relay, answer);
    return answer;
  };
}

/** The relays that hold what is open in the records. */
export function relaysOf(records: Iterable<InsightRecord>): ReadonlySet<string> {
  const relays = new Set<string>();
  for (const record of records) {
    for (const relay of digestOf(record).openAt) {
      relays.add(relay);
    }
  }
  return relays;
}

/** Which of the relays live now. */
export function livesOf(relays: Iterable<string>, alive: RelayAlive): RelayLives {
  return new Map([...relays].map((relay) => [relay, alive(relay)]));
}

/** The relays that died, or came back, since. */
export function changedLives(before: RelayLives, alive: RelayAlive): ReadonlySet<string> {
  return new Set([...before].flatMap(([relay, lived]) => (alive(relay) === lived ? [] : [relay])));
}
