import {
  CreateAliasCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLiveVersions, type LiveVersions } from '../../dev/deploy/live-versions.ts';
import { zip } from '../../dev/deploy/zip.ts';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';

let ministack: Ministack;
let lambda: LambdaClient;
let versions: LiveVersions;
let made = 0;

const aws = () => ({
  endpoint: ministack.endpoint,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const code = (answer: string) =>
  zip(new Map([['index.mjs', Buffer.from(`export const handler = async () => '${answer}';`)]]));

beforeAll(async () => {
  ministack = await startMinistack();
  lambda = new LambdaClient(aws());
  versions = createLiveVersions({ lambda });
}, 60_000);

afterAll(async () => {
  lambda?.destroy();
  await ministack?.stop();
});

/** A function with two versions, `live` at the first. */
async function deployed(): Promise<string> {
  const FunctionName = `function-${++made}`;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Role: 'arn:aws:iam::000000000000:role/none',
      Handler: 'index.handler',
      Code: { ZipFile: code('first') },
    }),
  );
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: code('second') }));
  await lambda.send(new PublishVersionCommand({ FunctionName }));
  return FunctionName;
}

async function answerOf(FunctionName: string): Promise<string> {
  const { Payload: payload } = await lambda.send(new InvokeCommand({ FunctionName, Qualifier: 'live' }));
  return JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
}

describe('the versions that answer', () => {
  it('are tried with a share of the calls, get all of them, and are gone back from', async () => {
    const name = await deployed();
    expect(await versions.current(name)).toEqual({ version: '1' });
    await versions.tryOut(name, '2', 0.1);
    expect(await versions.current(name)).toEqual({ version: '1', tried: { version: '2', share: 0.1 } });
    await versions.remember(name, 'to 2');
    await versions.goTo(name, '2');
    expect(await versions.current(name)).toEqual({ version: '2' });
    expect(await answerOf(name)).toBe('second');
    expect(await versions.stepBack(name)).toEqual({ from: '2', to: '1' });
    expect(await answerOf(name)).toBe('first');
  });

  it('lose their share where they are tried, and the one that is live stays', async () => {
    const name = await deployed();
    await versions.tryOut(name, '2', 0.5);
    expect(await versions.stepBack(name)).toEqual({ from: '2', to: '1' });
    expect(await versions.current(name)).toEqual({ version: '1' });
  });

  it('are not gone back from twice, for nothing is known of what was before', async () => {
    const name = await deployed();
    await expect(versions.stepBack(name)).rejects.toMatchObject({ code: 'not_found' });
    await versions.remember(name, 'to 2');
    await versions.goTo(name, '2');
    await versions.stepBack(name);
    expect(await versions.stepBack(name)).toEqual({ from: '1', to: '1' });
  });

  it('stay in a step back where they did not move the last time', async () => {
    const name = await deployed();
    await versions.remember(name, 'to 2');
    await versions.goTo(name, '2');
    await versions.remember(name, 'to 2, and others');
    await versions.goTo(name, '2');
    expect(await versions.stepBack(name)).toEqual({ from: '2', to: '2' });
    expect(await answerOf(name)).toBe('second');
  });

  it('are gone back from to where the roll-out began, although it was interrupted and repeated', async () => {
    const name = await deployed();
    for (const _run of ['interrupted', 'repeated']) {
      await versions.remember(name, 'to 2, and others');
      await versions.goTo(name, '2');
    }
    expect(await versions.stepBack(name)).toEqual({ from: '2', to: '1' });
    expect(await answerOf(name)).toBe('first');
  });

  it('are moved by one at a time: who comes second is told', async () => {
    const name = await deployed();
    const late = new LambdaClient(aws());
    late.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'UpdateAliasCommand') await versions.tryOut(name, '2', 0.2);
          return next(args);
        },
      { step: 'initialize' },
    );
    await expect(createLiveVersions({ lambda: late }).tryOut(name, '2', 0.1)).rejects.toMatchObject({
      code: 'conflict',
      message: `somebody else has moved ${name} meanwhile`,
    });
    expect(await versions.current(name)).toMatchObject({ tried: { share: 0.2 } });
    late.destroy();
  });

  it('are unknown of a function that is not there', async () => {
    expect(await versions.current('nothing')).toBeUndefined();
    await expect(versions.tryOut('nothing', '1', 0.1)).rejects.toMatchObject({ code: 'not_found' });
  });
});
