import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';

export interface JudgeDeps {
  readonly logs: CloudWatchLogsClient;
  readonly logGroupName: string;
  /** From when on its log counts, in milliseconds since 1970. */
  readonly since: number;
}

/**
 * How the API says that a call failed, and how Lambda does; warnings and refusals are none. CloudWatch looks first, by a filter pattern,
 * so that little is carried; what it gives is looked at once more.
 */
const failures: readonly (readonly [pattern: string, line: RegExp])[] = [
  ['{ $.level = "error" }', /"level":"error"/],
  ['"Task timed out"', /Task timed out/],
  ['"Runtime exited"', /Runtime exited/],
  ['"Uncaught Exception"', /Uncaught Exception/],
  ['"Unhandled Promise Rejection"', /Unhandled Promise Rejection/],
  ['"Invoke Error"', /Invoke Error/],
  ['"ImportModuleError"', /ImportModuleError/],
];

/** How many failures are too many: one may be the table's. */
const tolerated = 2;

/**
 * Judges a version by what it writes into its log, which names the version in its streams (`2026/11/21/[7]…`): it says what is
 * wrong as soon as that is known, where metrics come by the minute.
 *
 * @returns what is wrong, for people to read; undefined while nothing is
 */
export function createJudge({ logs, logGroupName, since }: JudgeDeps) {
  return async (version: string): Promise<string | undefined> => {
    const found: FilteredLogEvent[] = [];
    for (const [filterPattern, line] of failures) {
      const request = { logGroupName, startTime: since, filterPattern };
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, request)) {
        const own = events.filter(({ logStreamName = '' }) => logStreamName.includes(`[${version}]`));
        found.push(...own.filter(({ message = '' }) => line.test(message)));
      }
    }
    const last = found.at(-1)?.message?.trim().slice(0, 200);
    return found.length > tolerated ? `${found.length} errors, the last: ${last}` : undefined;
  };
}
