import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { expiryAttribute, tableDefinition } from '../../src/store/dynamodb/table.ts';

it('the template of the table is what the engine expects, and keeps what is in it', () => {
  const template: unknown = parse(readFileSync(new URL('../../infra/table.yml', import.meta.url), 'utf8'));
  expect(template).toMatchObject({
    Resources: {
      Table: { Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' },
    },
  });
  expect(template).toHaveProperty('Resources.Table.Properties', {
    ...tableDefinition,
    TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true },
    DeletionProtectionEnabled: true,
  });
});
