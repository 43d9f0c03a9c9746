import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import { KumulusError } from '../../src/model/errors.ts';

/** Values of Secrets Manager. */
export interface SecretValues {
  /** Undefined where there is no such secret, or it has no value. */
  current(secret: string): Promise<{ readonly text: string; readonly version: string } | undefined>;
  /** @returns the version of the value, which is the current one from now on. */
  put(secret: string, text: string): Promise<string>;
}

const valueSchema = z.object({ SecretString: z.string().optional(), VersionId: z.string() });
const writtenSchema = z.object({ VersionId: z.string() });
/** How JSON services of AWS tell errors. */
const errorSchema = z.object({
  __type: z.string(),
  Message: z.string().optional(),
  message: z.string().optional(),
});

/**
 * Two calls of Secrets Manager, signed by what another client of the SDK signs with: a client of its own would be one more dependency,
 * for two requests a deployment.
 *
 * @throws Error with the name that Secrets Manager gives it, or what a client of the SDK throws that has no credentials.
 */
export function createSecretValues(region: string, endpoint = endpointOf(region)): SecretValues {
  const ask = async (action: string, body: object): Promise<unknown> => {
    const answer = await signedPost(
      region,
      new URL(endpoint),
      `secretsmanager.${action}`,
      JSON.stringify(body),
    );
    const json: unknown = await answer.json();
    if (!answer.ok) throw errorOf(json);
    return json;
  };
  return {
    async current(secret) {
      try {
        const answer = valueSchema.parse(await ask('GetSecretValue', { SecretId: secret }));
        const { SecretString: text, VersionId: version } = answer;
        // The emulator makes a secret with an empty value.
        return text ? { text, version } : undefined;
      } catch (error) {
        // Secrets Manager says the same of a secret that is not there and of one without a value.
        if (Object(error).name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },

    async put(secret, text) {
      const order = { SecretId: secret, SecretString: text, ClientRequestToken: crypto.randomUUID() };
      return writtenSchema.parse(await ask('PutSecretValue', order)).VersionId;
    },
  };
}

const endpointOf = (region: string) =>
  process.env.AWS_ENDPOINT_URL ||
  `https://secretsmanager.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

async function signedPost(region: string, url: URL, target: string, body: string): Promise<Response> {
  const { config } = new CloudFormationClient({ region });
  const signer = await config.signer({
    ...{ name: 'sigv4', signingName: 'secretsmanager', signingRegion: region, properties: {} },
  });
  const request = {
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: '/', query: {}, body },
    ...(url.port !== '' && { port: Number(url.port) }),
    headers: { host: url.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  };
  const { headers } = await signer.sign(request);
  return fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(10_000) }).catch((cause) => {
    // What is wrong is underneath.
    throw Object(cause).cause ?? cause;
  });
}

function errorOf(json: unknown): Error {
  const { data } = errorSchema.safeParse(json);
  if (data === undefined)
    return new KumulusError('unavailable', 'Secrets Manager gave an answer that it does not document');
  const { __type: type, message, Message } = data;
  return Object.assign(new Error(message ?? Message ?? type), {
    name: type.slice(type.lastIndexOf('#') + 1),
  });
}
