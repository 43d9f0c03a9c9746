import { describe, expect, it } from 'vitest';
import { expiryAttribute, tableDefinition } from '../../src/store/dynamodb/table.ts';
import { resourceIn } from './resources.ts';
import { readTemplate } from './template.ts';

const data = readTemplate('data.yml');

it('the table is what the engine expects, and safe', () => {
  expect(resourceIn(data, 'Table')).toMatchObject({ Type: 'AWS::DynamoDB::Table' });
  expect(resourceIn(data, 'Table').Properties).toEqual({
    ...tableDefinition,
    TimeToLiveSpecification: { AttributeName: expiryAttribute, Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true },
    DeletionProtectionEnabled: { 'Fn::If': ['IsProtected', true, false] },
  });
  expect(data.Parameters.DeletionProtection).toMatchObject({ Default: 'true' });
});

it('a table that was restored takes the place of its own for all who use it', () => {
  const either = (restored: unknown, own: unknown) => ({ 'Fn::If': ['HasRestoredTable', restored, own] });
  const name = either({ Ref: 'RestoredTable' }, { Ref: 'Table' });
  const arn = {
    'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/\${RestoredTable}`,
  };
  expect(data.Parameters.RestoredTable).toMatchObject({ Default: '' });
  expect(data.Outputs.TableName).toMatchObject({ Value: name });
  expect(data.Outputs.TableArn).toMatchObject({ Value: either(arn, { 'Fn::GetAtt': ['Table', 'Arn'] }) });
  for (const alarm of ['WritesThrottled', 'ReadsThrottled']) {
    expect(resourceIn(data, alarm).Properties.Dimensions).toEqual([{ Name: 'TableName', Value: name }]);
  }
});

describe('what would be lost', () => {
  it.each(['Table', 'SecretsKey', 'RelayCertificate', 'RelayRepository'])(
    '%s outlives its stack, once that was whole',
    (name) => {
      expect(resourceIn(data, name)).toMatchObject({
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      });
    },
  );
});

it('the key changes every year and takes a month to go', () => {
  expect(resourceIn(data, 'SecretsKey').Properties).toMatchObject({
    EnableKeyRotation: true,
    PendingWindowInDays: 30,
  });
});

it("no secret is in the template: the relay's certificate is made without a value", () => {
  const { Properties } = resourceIn(data, 'RelayCertificate');
  expect(Properties).not.toHaveProperty('SecretString');
  expect(Properties).not.toHaveProperty('GenerateSecretString');
});

it('a tag of the repository always means the same image', () => {
  const { Properties } = resourceIn(data, 'RelayRepository');
  expect(Properties).toMatchObject({
    ImageTagMutability: 'IMMUTABLE',
    ImageScanningConfiguration: { ScanOnPush: true },
  });
  const text = Object(Properties.LifecyclePolicy).LifecyclePolicyText;
  expect(JSON.parse(String(text))).toHaveProperty('rules.0.action.type', 'expire');
});

it('everything that others need is exported by a name that has the stage', () => {
  for (const [name, { Export }] of Object.entries(data.Outputs)) {
    expect(Export).toEqual({ Name: { 'Fn::Sub': `kumulus-\${Stage}-${name}` } });
  }
});
