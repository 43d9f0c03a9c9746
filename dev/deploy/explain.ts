import { isKumulusError } from '../../src/model/errors.ts';

/** Of an error of the AWS SDK or of Node, whatever it is. */
interface Seen {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

interface Explanation {
  readonly when: (seen: Seen) => boolean;
  readonly say: (seen: Seen) => string;
}

const among =
  (...names: readonly string[]) =>
  ({ name, code }: Seen) =>
    names.includes(name) || names.includes(code);

const explanations: readonly Explanation[] = [
  {
    when: ({ name, message }) =>
      name === 'CredentialsProviderError' || message.includes('Could not load credentials'),
    say: ({ message }) =>
      `no credentials for AWS (${message}): sign in with \`aws sso login\`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  },
  {
    when: ({ message }) => /Region (is missing|not accepted)/.test(message),
    say: () => 'no region: give --region, set AWS_REGION, or enter one for the stage in infra/stages.yml',
  },
  {
    when: among('ExpiredToken', 'ExpiredTokenException', 'RequestExpired'),
    say: () => 'the credentials for AWS have ended: sign in again',
  },
  {
    when: among(
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'SignatureDoesNotMatch',
      'InvalidSignatureException',
    ),
    say: () =>
      'AWS does not know these credentials: they are wrong, were taken back, or the region is not enabled for this account',
  },
  {
    when: among('OptInRequired', 'SubscriptionRequiredException'),
    say: () => 'the account has not been activated for this, or for this region: see its console',
  },
  {
    when: ({ message }) => /can't find the specified secret|marked for deletion/.test(message),
    say: ({ message }) =>
      `the secret of the relays' certificate was deleted, and not by its stack (${message}): \`aws secretsmanager restore-secret\`, or make one of the same name`,
  },
  {
    when: among('AlreadyExistsException'),
    say: ({ message }) => `another run was quicker (${message}): the same command once more waits for it`,
  },
  {
    when: ({ message }) => /is in \w+_IN_PROGRESS state and can not be/.test(message),
    say: ({ message }) => `another run was quicker (${message}): the same command once more waits for it`,
  },
  {
    when: among('AccessDenied', 'AccessDeniedException'),
    say: ({ message }) => `the credentials are not allowed to do this: ${message}`,
  },
  {
    when: among('ENOTFOUND', 'EAI_AGAIN'),
    say: ({ message }) =>
      `AWS is not to be found (${message}): there is no network, or no region of this name; see --region and AWS_REGION`,
  },
  {
    when: among('ECONNREFUSED'),
    say: ({ message }) => `nothing listens (${message || 'ECONNREFUSED'}): see AWS_ENDPOINT_URL`,
  },
  {
    when: among('Throttling', 'ThrottlingException', 'TooManyRequestsException'),
    say: () => 'AWS takes no more requests for now: try again in a minute, it goes on where it is',
  },
];

/** What went wrong with a command, and what to do about it where that is known. No credential is ever in it. */
export function explain(error: unknown): string {
  if (isKumulusError(error)) {
    return error.message;
  }
  const seen = look(error);
  const known = explanations.find(({ when }) => when(seen));
  return known === undefined ? `${seen.name}: ${seen.message}` : known.say(seen);
}

function look(error: unknown): Seen {
  const { name, code, message } = Object(error);
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  return { name: text(name, 'Error'), code: text(code, ''), message: text(message, String(error)) };
}
