import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { KumulusError } from '../../src/model/errors.ts';
import { functionNames } from './stages.ts';

/** Where a function writes its log. */
export const functionLog = (functionName: string): string => `/aws/lambda/${functionName}`;

/** Whose log: of a function, of the relays, or of the gateway's accesses. */
export const logGroups = (stage: string): Readonly<Record<string, string>> => {
  const { api, admission, jobs } = functionNames(stage);
  return {
    ...{ api: functionLog(api), admission: functionLog(admission), jobs: functionLog(jobs) },
    relay: `/kumulus/${stage}/relay`,
    access: `/kumulus/${stage}/api-access`,
  };
};

export interface LogsOrder {
  readonly stage: string;
  /** A key of `logGroups`; all of them where it is undefined. */
  readonly of: string | undefined;
  /** From when on, in milliseconds since 1970. */
  readonly since: number;
  /** A filter pattern of CloudWatch Logs, such as `"error"`. */
  readonly filter: string | undefined;
}

/** @throws KumulusError `bad_request` for a part that there is not, `not_found` where no part that was asked for has a log. */
export async function readLogs(
  client: CloudWatchLogsClient,
  { stage, of, since, filter }: LogsOrder,
): Promise<readonly string[]> {
  const all = logGroups(stage);
  const chosen = of === undefined ? Object.entries(all) : Object.entries(all).filter(([part]) => part === of);
  if (chosen.length === 0) {
    throw new KumulusError(
      'bad_request',
      `--of takes one of ${Object.keys(all).join(', ')}, got ${JSON.stringify(of)}`,
    );
  }
  const found: { readonly part: string; readonly event: FilteredLogEvent }[] = [];
  let groups = 0;
  for (const [part, logGroupName] of chosen) {
    const events = await eventsOf(client, {
      logGroupName,
      startTime: since,
      ...(filter !== undefined && { filterPattern: filter }),
    });
    groups += events === undefined ? 0 : 1;
    for (const event of events ?? []) found.push({ part, event });
  }
  if (groups === 0) {
    throw new KumulusError(
      'not_found',
      `${stage} has no logs here: it is not deployed, or in another region`,
    );
  }
  return found
    .sort((a, b) => (a.event.timestamp ?? 0) - (b.event.timestamp ?? 0))
    .map(
      ({ part, event }) =>
        `${new Date(event.timestamp ?? 0).toISOString()} ${part} ${event.message?.trimEnd()}`,
    );
}

/** Undefined where there is no such log. */
async function eventsOf(
  client: CloudWatchLogsClient,
  request: { logGroupName: string; startTime: number; filterPattern?: string },
): Promise<readonly FilteredLogEvent[] | undefined> {
  const found: FilteredLogEvent[] = [];
  try {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, request)) found.push(...events);
    return found;
  } catch (error) {
    if (Object(error).name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
