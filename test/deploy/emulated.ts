import * as z from 'zod';

/** How JSON services of AWS are named in the header that says what is asked of them. */
const targets = {
  ecs: 'AmazonEC2ContainerServiceV20141113',
  secretsmanager: 'secretsmanager',
  events: 'AWSEvents',
  kms: 'TrentService',
  dynamodb: 'DynamoDB_20120810',
  logs: 'Logs_20140328',
};

/** Asks a service of the emulated AWS, which looks at no signatures, for what no client is at hand. */
export async function ask(
  endpoint: string,
  service: keyof typeof targets,
  action: string,
  body: object = {},
): Promise<unknown> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${targets[service]}.${action}`,
      ...signed(service),
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${service} ${action} answered ${answer.status}: ${text}`);
  }
  return JSON.parse(text);
}

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

/** The same of a service that answers to addresses; gives the text of the answer. */
export async function get(endpoint: string, service: string, path: string): Promise<string> {
  const answer = await fetch(`${endpoint}${path}`, { headers: signed(service) });
  return answer.text();
}

/** The same of a service that takes forms and answers in XML. */
export async function askQuery(
  endpoint: string,
  service: string,
  action: string,
  version: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: signed(service),
    body: new URLSearchParams({ Action: action, Version: version, ...parameters }),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${service} ${action} answered ${answer.status}: ${text}`);
  }
  return text;
}

/** The emulator keeps some of what a template says with its words, `ValueFrom`, where ECS answers with its own. */
const named = z.preprocess(
  (item) =>
    Object.fromEntries(
      Object.entries(Object(item)).map(([key, value]) => [
        `${key.charAt(0).toLowerCase()}${key.slice(1)}`,
        value,
      ]),
    ),
  z.object({ name: z.string(), value: z.string().optional(), valueFrom: z.string().optional() }),
);

const taskSchema = z.object({
  taskDefinition: z.object({
    containerDefinitions: z.tuple([
      z.object({
        image: z.string(),
        environment: z.array(named),
        secrets: z.array(named),
      }),
    ]),
  }),
});

async function containerOf(endpoint: string, taskDefinition: string) {
  const described = taskSchema.parse(
    await ask(endpoint, 'ecs', 'DescribeTaskDefinition', { taskDefinition }),
  );
  return described.taskDefinition.containerDefinitions[0];
}

/** The image that a task of the deployed service runs. */
export async function taskImage(endpoint: string, taskDefinition: string): Promise<string> {
  return (await containerOf(endpoint, taskDefinition)).image;
}

/** The environment that a task of the deployed service has, its secrets read as ECS reads them: `<secret>:<member>::`. */
export async function taskEnvironment(
  endpoint: string,
  taskDefinition: string,
): Promise<Record<string, string>> {
  const container = await containerOf(endpoint, taskDefinition);
  const environment = Object.fromEntries(container.environment.map(({ name, value }) => [name, value ?? '']));
  for (const { name, valueFrom = '' } of container.secrets) {
    const [, secret = '', member = ''] = /^(.*):([^:]+)::$/.exec(valueFrom) ?? [];
    const { SecretString } = z
      .object({ SecretString: z.string() })
      .parse(await ask(endpoint, 'secretsmanager', 'GetSecretValue', { SecretId: secret }));
    environment[name] = z.record(z.string(), z.string()).parse(JSON.parse(SecretString))[member] ?? '';
  }
  return environment;
}
