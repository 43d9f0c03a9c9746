import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { KumulusError } from '../../src/model/errors.ts';

export interface FollowDeps {
  readonly client: Pick<CloudFormationClient, 'send'>;
  /** The state of the stack, undefined once it is gone. */
  readonly look: (id: string) => Promise<{ readonly status: string; readonly reason: string } | undefined>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

/** A change of a stack. */
export interface Change {
  /** The stack's id, and not its name: one that is gone has none. */
  readonly id: string;
  readonly name: string;
  /** The `ClientRequestToken` that its events have. */
  readonly token: string;
}

/** How often a stack is looked at, in milliseconds: CloudFormation takes a few requests a second. */
export const lookMs = 1_000;
/** So many reasons are told, the first ones: what comes later follows from them. */
const maxReasons = 3;

/**
 * Tells what happens to the resources of a stack until it rests.
 *
 * @throws KumulusError `unavailable` where it comes to rest as something else than it was told to be, with the first reasons.
 */
export async function follow({ client, look, sleep, say }: FollowDeps, change: Change): Promise<void> {
  const told = new Set<string>();
  const failures: string[] = [];
  for (;;) {
    const { status, reason } = (await look(change.id)) ?? { status: 'DELETE_COMPLETE', reason: '' };
    for (const event of await eventsOf(client, change)) {
      const { EventId = '', ResourceStatus = '', LogicalResourceId = '', ResourceType = '' } = event;
      if (!told.has(EventId)) {
        told.add(EventId);
        say(`  ${ResourceStatus} ${LogicalResourceId} ${ResourceType}`);
        if (ResourceStatus.endsWith('_FAILED')) failures.push(reasonOf(event));
      }
    }
    if (['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE'].includes(status)) {
      return;
    }
    if (!status.endsWith('_IN_PROGRESS')) {
      const reasons = failures.length > 0 ? failures.slice(0, maxReasons) : [reason];
      throw new KumulusError('unavailable', [`${change.name} is ${status}`, ...reasons].join('\n  '));
    }
    await sleep(lookMs);
  }
}

const reasonOf = ({ LogicalResourceId, ResourceStatusReason, ResourceStatus }: StackEvent) =>
  `${LogicalResourceId}: ${ResourceStatusReason ?? ResourceStatus}`;

/** Of one change, the earliest first. */
async function eventsOf(client: FollowDeps['client'], { id, token }: Change): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = [];
  let next: string | undefined;
  do {
    const { StackEvents: page = [], NextToken } = await client.send(
      new DescribeStackEventsCommand({ StackName: id, ...(next !== undefined && { NextToken: next }) }),
    );
    // The newest come first, so what is beyond another change's is not of this one.
    const own = page.filter(({ ClientRequestToken }) => ClientRequestToken === token);
    events.push(...own);
    next = own.length < page.length ? undefined : NextToken;
  } while (next !== undefined);
  return events.reverse();
}
