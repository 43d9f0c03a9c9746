import * as z from 'zod';

/**
 * What calls of DynamoDB cost, in its own units, reckoned from requests and answers as AWS bills them on demand: a write
 * unit for each KB that is written, the larger of the item before and after, twice that in a transaction; a read unit for
 * each 4 KB that is read, half of it where the read is eventually consistent. Source: DynamoDB's developer guide, "Read and
 * write operations". A local DynamoDB does not tell these numbers, or others.
 */
export interface Capacity {
  /** Takes in one call. */
  add(operation: string, request: unknown, answer: unknown): Units;
}

export interface Units {
  readonly writes: number;
  readonly reads: number;
}

const attributeSchema = z.record(z.string(), z.json());
const itemSchema = z.record(z.string(), attributeSchema);
type ItemText = z.infer<typeof itemSchema>;

const writeSchema = z.object({
  Put: z.object({ Item: itemSchema }).optional(),
  Delete: z.object({ Key: itemSchema }).optional(),
  ConditionCheck: z.object({ Key: itemSchema }).optional(),
});
const requestSchema = z.object({
  Item: itemSchema.optional(),
  Key: itemSchema.optional(),
  ConsistentRead: z.boolean().optional(),
  TransactItems: z.array(writeSchema).optional(),
  RequestItems: z
    .record(z.string(), z.object({ Keys: z.array(itemSchema), ConsistentRead: z.boolean().optional() }))
    .optional(),
});
const answerSchema = z.object({
  Item: itemSchema.optional(),
  Items: z.array(itemSchema).optional(),
  Responses: z.record(z.string(), z.array(itemSchema)).optional(),
});

function attributeBytes(attribute: z.infer<typeof attributeSchema>): number {
  const { S, N, B } = attribute;
  if (typeof S === 'string') {
    return Buffer.byteLength(S);
  }
  if (typeof B === 'string') {
    return Buffer.byteLength(B, 'base64');
  }
  return typeof N === 'string' ? Math.ceil(N.length / 2) + 1 : 1;
}

/** Names count as well. */
function itemBytes(item: ItemText): number {
  return Object.entries(item).reduce(
    (sum, [name, attribute]) => sum + Buffer.byteLength(name) + attributeBytes(attribute),
    0,
  );
}

const keyOf = ({ pk, sk }: ItemText) => JSON.stringify([pk, sk]);
const writeUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / 1_024));
const readUnits = (bytes: number, consistent: boolean | undefined) =>
  Math.max(1, Math.ceil(bytes / 4_096)) * (consistent === true ? 1 : 0.5);

/** Makes a reckoner. It remembers how large items were written, for what replaces or deletes them. */
export function createCapacity(): Capacity {
  const sizes = new Map<string, number>();

  const put = (item: ItemText) => {
    const before = sizes.get(keyOf(item)) ?? 0;
    const bytes = itemBytes(item);
    sizes.set(keyOf(item), bytes);
    return writeUnits(Math.max(before, bytes));
  };
  const remove = (key: ItemText) => {
    const before = sizes.get(keyOf(key)) ?? 0;
    sizes.delete(keyOf(key));
    return writeUnits(before);
  };
  const check = (key: ItemText) => writeUnits(sizes.get(keyOf(key)) ?? 0);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

  return {
    add(operation, requested, answered) {
      const request = requestSchema.parse(requested);
      const answer = answerSchema.parse(answered);
      switch (operation) {
        case 'PutItem':
          return { writes: put(request.Item ?? {}), reads: 0 };
        case 'DeleteItem':
          return { writes: remove(request.Key ?? {}), reads: 0 };
        case 'TransactWriteItems': {
          const units = (request.TransactItems ?? []).map(({ Put, Delete, ConditionCheck }) =>
            Put !== undefined
              ? put(Put.Item)
              : Delete !== undefined
                ? remove(Delete.Key)
                : check(ConditionCheck?.Key ?? {}),
          );
          return { writes: 2 * sum(units), reads: 0 };
        }
        case 'GetItem':
          return { writes: 0, reads: readUnits(itemBytes(answer.Item ?? {}), request.ConsistentRead) };
        case 'Query':
          return {
            writes: 0,
            reads: readUnits(sum((answer.Items ?? []).map(itemBytes)), request.ConsistentRead),
          };
        case 'BatchGetItem': {
          const found = Object.entries(answer.Responses ?? {}).flatMap(([table, items]) =>
            items.map((item) => readUnits(itemBytes(item), request.RequestItems?.[table]?.ConsistentRead)),
          );
          const tables = Object.values(request.RequestItems ?? {});
          const absent = sum(tables.map(({ Keys }) => Keys.length)) - found.length;
          return {
            writes: 0,
            reads: sum(found) + absent * readUnits(0, tables[0]?.ConsistentRead),
          };
        }
        default:
          return { writes: 0, reads: 0 };
      }
    },
  };
}
