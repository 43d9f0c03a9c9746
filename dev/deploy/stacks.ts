import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { KumulusError } from '../../src/model/errors.ts';
import { type FollowDeps, follow, lookMs } from './follow.ts';

/** What a stack is to be. */
export interface StackWish {
  readonly name: string;
  readonly template: string;
  /** Those that are undefined keep the value that they have; those that are left out get the template's default. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** Stacks of CloudFormation, followed until they are what they were told to be. */
export interface Stacks {
  /** Undefined where there is none. */
  find(name: string): Promise<Stack | undefined>;
  /** Waits until a stack rests that somebody else changes, or a run that was interrupted; undefined where there is none. */
  resting(name: string): Promise<Stack | undefined>;
  /**
   * The same, and takes away one that was never whole.
   *
   * @returns it as it is then; undefined where there is none
   * @throws KumulusError `conflict` where somebody has to help it first, with how.
   */
  ready(name: string): Promise<Stack | undefined>;
  /**
   * Makes a stack or changes it, once it is ready.
   *
   * @returns its outputs
   * @throws KumulusError as `ready` does, `unavailable` with the first reasons where it fails.
   */
  put(wish: StackWish): Promise<Readonly<Record<string, string>>>;
  /** Takes a stack down; nothing happens where there is none. Throws as `put` does. */
  remove(name: string): Promise<void>;
}

export interface StacksDeps extends Omit<FollowDeps, 'look'> {
  /** Names the requests of one run, so that its events are told from earlier ones. */
  readonly ids: () => string;
}

/** It was never whole: CloudFormation has taken away what it had made, and lets nothing be done with it but that it goes. */
const neverWhole = 'ROLLBACK_COMPLETE';

/** States that nothing gets out of but what they say. */
const stuck: Readonly<Record<string, (name: string) => string>> = {
  ROLLBACK_FAILED: () =>
    'it was never whole, and what was made could not all be removed: see its events in the console, then `npm run remove`',
  DELETE_FAILED: () =>
    'something in it could not be removed: see its events in the console, then `npm run remove` as before',
  UPDATE_ROLLBACK_FAILED: (name) =>
    `an earlier change could not be taken back: \`aws cloudformation continue-update-rollback --stack-name ${name}\` once its reason is gone`,
  REVIEW_IN_PROGRESS: () =>
    'somebody made a change set for it by hand, and did not execute it: `npm run remove`, then deploy again',
};

/** Whether it never came to be whole, so that it can be removed and nothing else. */
export const wasNeverWhole = ({ StackStatus: status }: Stack): boolean =>
  status !== undefined && [neverWhole, 'ROLLBACK_FAILED', 'REVIEW_IN_PROGRESS'].includes(status);

const isBusy = ({ StackStatus: status }: Stack): boolean =>
  status?.endsWith('_IN_PROGRESS') === true && status !== 'REVIEW_IN_PROGRESS';

/** For its client: CloudFormation refuses who asks often, and a stack is asked for as long as it changes. */
export const patience = { maxAttempts: 8 } as const;

export function createStacks({ client, ids, sleep, say }: StacksDeps): Stacks {
  const find = async (name: string): Promise<Stack | undefined> => {
    try {
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
      return stack?.StackStatus === 'DELETE_COMPLETE' ? undefined : stack;
    } catch (error) {
      // CloudFormation answers so for a stack that is not there, with a name for all requests that make no sense.
      if (says(error, 'does not exist')) return undefined;
      throw error;
    }
  };
  const look = async (id: string) => {
    const stack = await find(id);
    return stack && { status: stack.StackStatus ?? '', reason: stack.StackStatusReason ?? '' };
  };
  const following = { client, look, sleep, say };

  const resting = async (name: string): Promise<Stack | undefined> => {
    for (let told = ''; ; await sleep(lookMs)) {
      const stack = await find(name);
      if (stack === undefined || !isBusy(stack)) return stack;
      const { StackStatus: status = '' } = stack;
      if (status !== told) {
        say(`${name}: is ${status}, by another run or by one that was interrupted; waits until it rests`);
      }
      told = status;
    }
  };

  const drop = async (name: string, stack: Stack) => {
    const token = `remove-${ids()}`;
    await client.send(new DeleteStackCommand({ StackName: name, ClientRequestToken: token }));
    await follow(following, { id: stack.StackId ?? name, name, token });
  };

  const ready = async (name: string): Promise<Stack | undefined> => {
    const stack = await resting(name);
    const { StackStatus: status = '' } = stack ?? {};
    const help = stuck[status];
    if (help !== undefined) {
      throw new KumulusError('conflict', `${name} is ${status}: ${help(name)}`);
    }
    if (stack === undefined || status !== neverWhole) return stack;
    say(`${name}: was never whole (${status}); what is left of it goes first`);
    await drop(name, stack);
    return undefined;
  };

  return {
    find,
    resting,
    ready,

    async put({ name, template, parameters, tags }) {
      const before = await ready(name);
      const token = `deploy-${ids()}`;
      const request = {
        StackName: name,
        TemplateBody: template,
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ...(ParameterValue === undefined ? { UsePreviousValue: true } : { ParameterValue }),
        })),
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        Capabilities: ['CAPABILITY_IAM' as const],
        ClientRequestToken: token,
      };
      say(`${name}: is ${before === undefined ? 'made' : 'brought up to date'}`);
      try {
        const { StackId: id = name } = await (before === undefined
          ? client.send(new CreateStackCommand(request))
          : client.send(new UpdateStackCommand(request)));
        await follow(following, { id, name, token });
      } catch (error) {
        if (!says(error, 'No updates are to be performed')) throw error;
        say(`${name}: nothing to change`);
      }
      return outputsOf(await find(name));
    },

    async remove(name) {
      const stack = await resting(name);
      if (stack === undefined) {
        say(`${name}: is not there`);
        return;
      }
      say(`${name}: is removed`);
      await drop(name, stack);
    },
  };
}

const says = (error: unknown, words: string) => String(Object(error).message).includes(words);

/** The outputs of a stack by their keys. */
export function outputsOf(stack: Stack | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}
