import type { Clock } from '../model/ports.ts';
import type { Leases } from '../store/leases.ts';
import type { RelayAlive } from './rows.ts';

/** How long a list of leases may be used, in milliseconds. A lease lives for several times as long. */
const maxAge = 1_000;

/** Which relays live, asked of the table once a second at the most however many requests want to know. */
export function createLiveness(leases: Leases, clock: Clock): () => Promise<RelayAlive> {
  let asked = Number.NEGATIVE_INFINITY;
  let answer: Promise<RelayAlive> | undefined;
  const ask = async (): Promise<RelayAlive> => {
    const expiries = new Map((await leases.list()).map(({ relay, expires }) => [relay, expires]));
    return (relay) => (expiries.get(relay) ?? 0) > clock();
  };
  return () => {
    if (answer === undefined || clock() - asked >= maxAge) {
      asked = clock();
      const asking = ask();
      answer = asking;
      asking.catch(() => {
        if (answer === asking) {
          answer = undefined;
        }
      });
    }
    return answer;
  };
}
