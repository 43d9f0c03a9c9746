import { describe, expect, it } from 'vitest';
import { KumulusError } from '../../src/model/errors.ts';
import { explain } from './explain.ts';

const named = (name: string, message = '') => Object.assign(new Error(message), { name });

describe('explain', () => {
  it.each([
    [named('CredentialsProviderError', 'Could not load credentials from any providers'), 'no credentials'],
    [
      named('CredentialsProviderError', 'Could not resolve credentials using profile: [work]'),
      'no credentials for AWS (Could not resolve credentials using profile: [work]): sign in',
    ],
    [new Error('Region is missing'), 'no region'],
    [
      named('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
      'was deleted, and not by its stack',
    ],
    [named('OptInRequired'), 'has not been activated'],
    [named('AlreadyExistsException', 'Stack [kumulus-dev-data] already exists'), 'another run was quicker'],
    [
      named('ValidationError', 'Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.'),
      'another run was quicker',
    ],
    [named('ExpiredToken'), 'sign in again'],
    [named('InvalidClientTokenId'), 'does not know these credentials'],
    [
      named('AccessDenied', 'not authorized to perform: cloudformation:CreateStack'),
      'not allowed to do this: not authorized to perform: cloudformation:CreateStack',
    ],
    [
      Object.assign(new Error('getaddrinfo ENOTFOUND cloudformation.eu-nowhere-1.amazonaws.com'), {
        code: 'ENOTFOUND',
      }),
      'no region of this name',
    ],
    [Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'see AWS_ENDPOINT_URL'],
    [named('Throttling', 'Rate exceeded'), 'try again in a minute'],
    [new KumulusError('conflict', 'kumulus-dev is UPDATE_IN_PROGRESS'), 'kumulus-dev is UPDATE_IN_PROGRESS'],
    [named('Strange', 'as it is'), 'Strange: as it is'],
    ['a word', 'a word'],
  ])('%s', (error, words) => {
    expect(explain(error)).toContain(words);
  });
});
