import { describe, expect, it } from 'vitest';
import { readTemplate, type TemplateResource } from './template.ts';

const templates = { 'data.yml': readTemplate('data.yml'), 'relay.yml': readTemplate('relay.yml') };
const imported = { 'Fn::ImportValue': { 'Fn::Sub': `kumulus-\${Stage}-SecretsKeyArn` } };
const own = { 'Fn::GetAtt': ['SecretsKey', 'Arn'] };

type Rule = Readonly<Record<string, unknown>> | string;

/** How what holds data is encrypted; a text says why there is nothing to be said, or nothing to be encrypted. */
const rules: Readonly<Record<string, Rule>> = {
  'AWS::DynamoDB::Table': { SSESpecification: { SSEEnabled: true } },
  'AWS::SecretsManager::Secret': { KmsKeyId: own },
  'AWS::SNS::Topic': { KmsMasterKeyId: own },
  'AWS::ECR::Repository': { EncryptionConfiguration: { EncryptionType: 'AES256' } },
  'AWS::Logs::LogGroup': { KmsKeyId: imported },
  'AWS::KMS::Key': 'a key',
  'AWS::Events::EventBus': 'encrypted by EventBridge, with a key of its own unless told',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'passes TLS through and keeps nothing',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'passes TLS through: TCP, so that the relay ends it',
  'AWS::ElasticLoadBalancingV2::Listener': 'passes TLS through: TCP, so that the relay ends it',
  'AWS::ECS::TaskDefinition': "no volumes; Fargate encrypts a task's own disk",
  'AWS::ECS::Service': 'holds nothing',
  'AWS::ECS::Cluster': 'holds nothing',
};

/** Types that hold no data. */
const holdsNothing =
  /^AWS::(EC2|IAM|Route53|ApplicationAutoScaling|Budgets|CloudWatch)::|^AWS::SNS::(TopicPolicy|Subscription)$/;

const resources = Object.entries(templates).flatMap(([file, { Resources }]) =>
  Object.entries(Resources).map(([name, resource]): [string, TemplateResource] => [
    `${name} of ${file}`,
    resource,
  ]),
);

describe('encryption', () => {
  it.each(resources.filter(([, { Type }]) => !holdsNothing.test(Type)))('%s', (_name, resource) => {
    const rule = rules[resource.Type];
    expect(rule, `say how ${resource.Type} is encrypted`).toBeDefined();
    if (typeof rule === 'object') {
      expect(resource.Properties).toMatchObject(rule);
    }
  });
});

it('nothing secret is in a parameter, for CloudFormation shows those', () => {
  const names = Object.values(templates).flatMap(({ Parameters }) => Object.keys(Parameters));
  expect(names.filter((name) => /secret|password|token|private|pem/i.test(name))).toEqual([]);
});
