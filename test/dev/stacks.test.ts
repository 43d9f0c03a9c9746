import { randomUUID } from 'node:crypto';
import { CloudFormationClient, CreateChangeSetCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStacks } from '../../dev/deploy/stacks.ts';
import { type Ministack, startMinistack } from '../../dev/ministack.ts';

let ministack: Ministack;
beforeAll(async () => {
  ministack = await startMinistack();
});
afterAll(() => ministack?.stop());

const clientOf = () =>
  new CloudFormationClient({
    ...{ endpoint: ministack.endpoint, region: 'eu-central-1' },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

async function waitsFor(said: readonly string[], line: string): Promise<void> {
  while (!said.includes(line)) await new Promise((resolve) => setImmediate(resolve));
}

function stacks() {
  const said: string[] = [];
  const client = clientOf();
  // It looks again at once: the emulator takes as many requests as come.
  const sleep = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { said, ...createStacks({ client, ids: randomUUID, sleep, say: (line) => void said.push(line) }) };
}

const template = (resource: object) =>
  JSON.stringify({ Parameters: { Word: { Type: 'String' } }, Resources: { Topic: resource } });
const topic = template({ Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: 'Word' } } });
const tags = { 'kumulus:stage': 'dev' };

describe('stacks', () => {
  it('are made, left alone, changed and removed, and what happens is told once', async () => {
    const { put, find, remove, said } = stacks();
    const name = `s-${randomUUID()}`;
    await put({ name, template: topic, parameters: { Word: 'one' }, tags });
    expect(said[0]).toBe(`${name}: is made`);
    expect(said.filter((line) => line === '  CREATE_COMPLETE Topic AWS::SNS::Topic')).toHaveLength(1);
    expect(await find(name)).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Tags: [{ Key: 'kumulus:stage', Value: 'dev' }],
    });

    said.length = 0;
    await put({ name, template: topic, parameters: { Word: 'two' }, tags });
    // A word that is not told stays what it was.
    await put({ name, template: topic, parameters: { Word: undefined }, tags: { ...tags, other: 'tag' } });
    expect(await find(name)).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      Parameters: [{ ParameterKey: 'Word', ParameterValue: 'two' }],
    });
    expect(said.filter((line) => line.startsWith('  CREATE'))).toEqual([]);

    await remove(name);
    expect(await find(name)).toBeUndefined();
    said.length = 0;
    await remove(name);
    expect(said).toEqual([`${name}: is not there`]);
  });

  it('that fail say why, and what to do first after that', async () => {
    const { put, remove, find, said } = stacks();
    const wish = {
      ...{ name: `s-${randomUUID()}`, parameters: { Word: 'one' }, tags },
      // An alarm without a metric.
      template: template({
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Metrics: [] },
      }),
    };
    await expect(put(wish)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/is ROLLBACK_COMPLETE\n {2}Topic: .*Metric/),
    });
    // It is made anew, and what was left of it goes first.
    await expect(put({ ...wish, template: topic })).resolves.toEqual({});
    expect(said).toContain(
      `${wish.name}: was never whole (ROLLBACK_COMPLETE); what is left of it goes first`,
    );
    expect(await find(wish.name)).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
    await remove(wish.name);
    expect(await find(wish.name)).toBeUndefined();
  });

  it('that two change at the same time are changed by one after the other', async () => {
    const [one, other] = [stacks(), stacks()];
    const name = `s-${randomUUID()}`;
    const wish = (word: string) => ({ name, template: topic, parameters: { Word: word }, tags });
    await one.put(wish('none'));
    await Promise.all([
      one.put(wish('one')),
      waitsFor(one.said, `${name}: is brought up to date`).then(() => other.put(wish('other'))),
    ]);
    expect(await one.find(name)).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      Parameters: [{ ParameterValue: 'other' }],
    });
  });

  it('that nobody can change say what to do first', async () => {
    const { put, ready, remove, find } = stacks();
    const name = `s-${randomUUID()}`;
    const client = clientOf();
    // A change set of somebody who did not execute it.
    await client.send(
      new CreateChangeSetCommand({
        ...{ StackName: name, ChangeSetName: 'by-hand', ChangeSetType: 'CREATE', TemplateBody: topic },
        Parameters: [{ ParameterKey: 'Word', ParameterValue: 'one' }],
      }),
    );
    const wish = { name, template: topic, parameters: { Word: 'one' }, tags };
    for (const again of [() => put(wish), () => ready(name)]) {
      await expect(again()).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('`npm run remove`, then deploy again'),
      });
    }
    await remove(name);
    expect(await find(name)).toBeUndefined();
  });
});
