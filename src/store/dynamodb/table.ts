import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/**
 * What the engine expects of the table. `infra/data.yml` makes the table of a deployment and a test holds the two
 * against each other; tests make theirs from here.
 */
export const tableDefinition = {
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} as const satisfies Omit<CreateTableCommandInput, 'TableName'>;

/** The attribute of DynamoDB's time to live, in seconds since 1970. */
export const expiryAttribute = 'expiresAt';
