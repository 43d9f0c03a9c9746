import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { KumulusError } from '../../src/model/errors.ts';
import { type FollowDeps, follow } from './follow.ts';

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
  /**
   * Makes a stack or changes it.
   *
   * @returns its outputs
   * @throws KumulusError `conflict` where it is being changed or has to be helped first, `unavailable` with the first reasons where it fails.
   */
  put(wish: StackWish): Promise<Readonly<Record<string, string>>>;
  /** @throws KumulusError `conflict` where a stack cannot be put up for now, with what to do first. */
  assertFree(name: string): Promise<void>;
  /** Takes a stack down; nothing happens where there is none. Throws as `put` does. */
  remove(name: string): Promise<void>;
}

export interface StacksDeps extends Omit<FollowDeps, 'look'> {
  /** Names the requests of one run, so that its events are told from earlier ones. */
  readonly ids: () => string;
}

/** States that nothing gets out of but what they say. */
const stuck: Readonly<Record<string, string>> = {
  ROLLBACK_COMPLETE: 'it was never whole, and can only be removed: `npm run remove`, then deploy again',
  ROLLBACK_FAILED:
    'it was never whole, and what was made could not all be removed: see its events in the console, then `npm run remove`',
  DELETE_FAILED:
    'something in it could not be removed: see its events in the console, then `npm run remove` again',
  UPDATE_ROLLBACK_FAILED:
    'an earlier change could not be taken back: `aws cloudformation continue-update-rollback` once its reason is gone',
};

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

  return {
    find,

    async put({ name, template, parameters, tags }) {
      const before = await find(name);
      assertRests(name, before);
      assertWhole(name, before);
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

    async assertFree(name) {
      const stack = await find(name);
      assertRests(name, stack);
      assertWhole(name, stack);
    },

    async remove(name) {
      const stack = await find(name);
      if (stack === undefined) {
        say(`${name}: is not there`);
        return;
      }
      assertRests(name, stack);
      const token = `remove-${ids()}`;
      say(`${name}: is removed`);
      await client.send(new DeleteStackCommand({ StackName: name, ClientRequestToken: token }));
      await follow(following, { id: stack.StackId ?? name, name, token });
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

function assertRests(name: string, stack: Stack | undefined): void {
  const status = stack?.StackStatus ?? '';
  if (status.endsWith('_IN_PROGRESS')) {
    throw new KumulusError(
      'conflict',
      `${name} is ${status}: somebody else changes it, wait until that has ended`,
    );
  }
}

function assertWhole(name: string, stack: Stack | undefined): void {
  const status = stack?.StackStatus ?? '';
  const help = stuck[status];
  if (help !== undefined) {
    throw new KumulusError('conflict', `${name} is ${status}: ${help}`);
  }
}
