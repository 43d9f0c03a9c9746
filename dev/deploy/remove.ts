import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KumulusError } from '../../src/model/errors.ts';
import type { Osls } from './run-osls.ts';
import { type Stacks, wasNeverWhole } from './stacks.ts';
import { stackNames } from './stages.ts';

export interface RemoveDeps {
  readonly stacks: Stacks;
  readonly osls: Osls;
  /** Removes what relays that died have left; gives how many queues. */
  readonly removeQueues: () => Promise<number>;
  readonly say: (line: string) => void;
}

export interface RemoveOrder {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly region: string;
  /** The stage's name once more, where the tenants' data, the key and the images are to go, too. */
  readonly deleteData: string | undefined;
}

/**
 * Takes a stage down, the relays first. What lasts stays, and a deployment takes it up again, unless it is to be deleted: for that
 * the stack is first told to keep nothing.
 *
 * @throws KumulusError `bad_request` where the data of another stage were named, else as `Stacks.remove` says.
 */
export async function remove(
  { stacks, osls, removeQueues, say }: RemoveDeps,
  order: RemoveOrder,
): Promise<void> {
  const { root, name, region, deleteData } = order;
  if (deleteData !== undefined && deleteData !== name) {
    throw new KumulusError(
      'bad_request',
      `--delete-data takes the name of the stage once more, ${name}, for nothing brings the data back`,
    );
  }
  const names = stackNames(name);
  await stacks.remove(names.relay);
  const queues = await removeQueues();
  if (queues > 0) {
    say(`${names.relay}: queues that relays had left are removed: ${queues}`);
  }
  const functions = await stacks.resting(names.functions);
  if (functions === undefined) {
    say(`${names.functions}: is not there`);
  } else if (wasNeverWhole(functions)) {
    await stacks.remove(names.functions);
  } else {
    say(`${names.functions}: is removed`);
    await osls({ root, args: ['remove', '--stage', name, '--region', region] });
  }
  const data = await stacks.resting(names.data);
  if (data === undefined) {
    say(`${names.data}: is not there`);
    return;
  }
  if (deleteData === undefined) {
    if (wasNeverWhole(data)) {
      // What is retained stays, as ever.
      await stacks.remove(names.data);
    } else {
      say(`${names.data}: stays, with all data; --delete-data ${name} deletes it`);
    }
    return;
  }
  if (!wasNeverWhole(data) && data.StackStatus !== 'DELETE_FAILED') {
    const parameters = Object.fromEntries(
      (data.Parameters ?? []).map(({ ParameterKey = '' }) => [ParameterKey, undefined]),
    );
    await stacks.put({
      name: names.data,
      template: thatKeepsNothing(readFileSync(join(root, 'infra/data.yml'), 'utf8')),
      parameters: { ...parameters, DeletionProtection: 'false' },
      tags: { 'kumulus:stage': name },
    });
  }
  await stacks.remove(names.data);
  say(`${name} is gone; KMS deletes the key in 30 days, and until then it can be kept`);
}

/** The template, with everything to be deleted with its stack, and images with their repository. */
export function thatKeepsNothing(template: string): string {
  return template
    .replaceAll(/DeletionPolicy: Retain\w*/g, 'DeletionPolicy: Delete')
    .replace(/^( +)(RepositoryName: .*)$/m, '$1$2\n$1EmptyOnDelete: true');
}
