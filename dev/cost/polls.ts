import { feedPauseMs, idleFeedPauseMs, toldFeedPauseMs } from '../../src/xds/runtime/feed-poller.ts';

/** Of the time since a change, in seconds: small beside the pauses, which are of 50 to 250 ms. */
const step = 0.01;

/** How often a relay polls the feed that is told of commits otherwise. */
export const pollsPerSecondWhenTold = 1_000 / toldFeedPauseMs;

/**
 * How often a relay polls the feed that is not told of commits otherwise, where changes of what it holds come at random times: the mean of the pace over the
 * time since the last one, which is exponentially distributed.
 *
 * @param changesPerHour of all meshes that it holds.
 * @param holds whether it holds any.
 */
export function pollsPerSecond(changesPerHour: number, holds: boolean): number {
  if (!holds) {
    return 1_000 / idleFeedPauseMs;
  }
  const rate = changesPerHour / 3_600;
  const longest = 1_000 / feedPauseMs(Number.POSITIVE_INFINITY);
  let polls = 0;
  let left = 1;
  for (let quiet = 0; ; quiet += step) {
    const pace = 1_000 / feedPauseMs((quiet + step / 2) * 1_000);
    if (pace <= longest) {
      return polls + left * longest;
    }
    const share = left * (1 - Math.exp(-rate * step));
    polls += share * pace;
    left -= share;
  }
}
