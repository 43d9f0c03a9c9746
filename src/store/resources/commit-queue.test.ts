import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCommitQueue, type QueuedWork } from './commit-queue.ts';

interface NamedWork extends QueuedWork {
  readonly name: string;
}

function work(name: string, scopes: string, rest: Partial<QueuedWork> = {}): NamedWork {
  return { name, scopes: new Set(scopes.split('')), operations: 1, bytes: 10, alone: false, ...rest };
}

/** A queue whose groups end when the test says so. */
function heldQueue(limits: { maxOperations?: number; maxBytes?: number; operationsPerScope?: number } = {}) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = createCommitQueue<NamedWork>({
    maxOperations: 100,
    operationsPerScope: 2,
    maxBytes: 1000,
    ...limits,
    run: (group) => {
      const names = group.map(({ name }) => name).join('+');
      started.push(names);
      return new Promise((resolve) => ends.set(names, resolve));
    },
  });
  const turn = async () => {
    await nextTurn();
    await nextTurn();
    return started.splice(0);
  };
  return {
    push: (...works: NamedWork[]) => works.forEach(queue.push),
    turn,
    end(names: string) {
      const end = ends.get(names);
      ends.delete(names);
      expect(end).toBeDefined();
      end?.();
      return turn();
    },
  };
}

describe('the queue of commits', () => {
  it('groups what comes in one turn, and what comes while a group runs', async () => {
    const { push, turn, end } = heldQueue();
    push(work('1', 'a'), work('2', 'a'));
    expect(await turn()).toStrictEqual(['1+2']);
    push(work('3', 'a'));
    expect(await turn()).toStrictEqual([]);
    push(work('4', 'a'));
    expect(await end('1+2')).toStrictEqual(['3+4']);
    expect(await end('3+4')).toStrictEqual([]);
  });

  it('runs what shares no scope side by side', async () => {
    const { push, turn, end } = heldQueue();
    push(work('1', 'a'), work('2', 'b'), work('3', 'a'));
    expect(await turn()).toStrictEqual(['1+3', '2']);
    push(work('4', 'c'), work('5', 'b'));
    expect(await turn()).toStrictEqual(['4']);
    expect(await end('2')).toStrictEqual(['5']);
  });

  it('lets work join whose scopes the group has, and no other', async () => {
    const { push, turn, end } = heldQueue();
    push(work('1', 'ab'), work('2', 'a'), work('3', 'bc'), work('4', 'b'));
    expect(await turn()).toStrictEqual(['1+2']);
    expect(await end('1+2')).toStrictEqual(['3+4']);
  });

  it('keeps the order of a scope, even when what comes later could run', async () => {
    const { push, turn, end } = heldQueue();
    push(work('1', 'a'));
    expect(await turn()).toStrictEqual(['1']);
    push(work('2', 'ab'), work('3', 'b'), work('4', 'c'));
    expect(await turn()).toStrictEqual(['4']);
    expect(await end('1')).toStrictEqual(['2+3']);
  });

  it('bounds a group by operations, those of its scopes included, and by bytes', async () => {
    const many = heldQueue({ maxOperations: 6 });
    many.push(work('1', 'a', { operations: 2 }), work('2', 'a', { operations: 2 }), work('3', 'a'));
    expect(await many.turn()).toStrictEqual(['1+2']);
    expect(await many.end('1+2')).toStrictEqual(['3']);

    const large = heldQueue({ maxBytes: 25 });
    large.push(work('1', 'a'), work('2', 'a'), work('3', 'a'));
    expect(await large.turn()).toStrictEqual(['1+2']);

    const beyond = heldQueue({ maxOperations: 6, maxBytes: 5 });
    beyond.push(work('1', 'a', { operations: 50 }), work('2', 'a'));
    expect(await beyond.turn()).toStrictEqual(['1']);
    expect(await beyond.end('1')).toStrictEqual(['2']);
  });

  it('runs alone what asks for it', async () => {
    const { push, turn, end } = heldQueue();
    push(work('1', 'a'), work('2', 'a', { alone: true }), work('3', 'a'), work('4', 'b'));
    expect(await turn()).toStrictEqual(['1', '4']);
    expect(await end('1')).toStrictEqual(['2']);
    expect(await end('2')).toStrictEqual(['3']);
  });
});
