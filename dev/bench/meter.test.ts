import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { portOf } from '../tools/free-port.ts';
import { createCapacity } from './capacity.ts';
import { startMeter } from './meter.ts';

const get = {
  method: 'POST',
  headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
  body: JSON.stringify({
    TableName: 'kumulus',
    Key: { pk: { S: 'a' }, sk: { S: 'b' } },
    ConsistentRead: true,
  }),
};

it('counts calls, and those side by side as one round', async () => {
  /** Calls that wait for their answer. */
  const waiting: (() => void)[] = [];
  const table = createServer((_, response) => waiting.push(() => response.end('{}')));
  await new Promise<void>((resolve) => table.listen(0, '127.0.0.1', resolve));
  const meter = await startMeter(`http://127.0.0.1:${portOf(table)}`, createCapacity());
  onTestFinished(async () => {
    await meter.stop();
    table.closeAllConnections();
    table.close();
  });
  const call = () => fetch(meter.endpoint, get);
  const answer = async (count: number) => {
    await expect.poll(() => waiting.length).toBe(count);
    for (const each of waiting.splice(0)) {
      each();
    }
  };
  const both = [call(), call()];
  await answer(2);
  await Promise.all(both);
  expect(meter.read()).toMatchObject({ calls: 2, rounds: 1, reads: 2, writes: 0 });
  const third = call();
  await answer(1);
  await third;
  expect(meter.read()).toMatchObject({ calls: 3, rounds: 2, reads: 3 });
});
