import { describe, expect, it } from 'vitest';
import { type ErrorCode, KumulusError } from '../model/errors.ts';
import type { Logger } from '../model/ports.ts';
import { silentLogger } from '../model/ports.ts';
import { errorBody, errorResponse, titled } from './errors.ts';

describe('the mapping of errors', () => {
  it.each<[code: ErrorCode, status: number, title: string]>([
    ['bad_request', 400, 'Bad Request'],
    ['invalid', 400, 'Could not process a resource'],
    ['unauthenticated', 401, 'Invalid authentication data'],
    ['forbidden', 403, 'Access Denied'],
    ['not_found', 404, 'Could not retrieve a resource'],
    ['method_not_allowed', 405, 'Method not allowed'],
    ['not_acceptable', 406, 'Not acceptable'],
    ['conflict', 409, 'Conflict'],
    ['precondition_failed', 412, 'Precondition Failed'],
    ['payload_too_large', 413, 'Payload Too Large'],
    ['unsupported_media_type', 415, 'Unsupported Media Type'],
    ['gone', 410, 'Gone'],
    ['unprocessable', 422, 'Unprocessable Content'],
    ['too_many_requests', 429, 'Too Many Requests'],
    ['unavailable', 503, 'Service unavailable'],
  ])('gives %s the status %i', (code, status, title) => {
    expect(errorBody(new KumulusError(code, 'why'))).toEqual({
      type: '/std-errors',
      status,
      title,
      detail: 'why',
      details: 'why',
    });
  });

  it('tells violations under the new and the old names', () => {
    const error = new KumulusError('invalid', 'Resource is not valid', {
      violations: [{ field: 'name', message: 'cannot be empty' }],
    });
    expect(errorBody(error)).toMatchObject({
      invalid_parameters: [{ field: 'name', reason: 'cannot be empty' }],
      causes: [{ field: 'name', message: 'cannot be empty' }],
    });
  });

  it('says nothing of what went wrong inside, but where to look', async () => {
    const lines: string[] = [];
    const logger: Logger = { ...silentLogger, error: (...line) => lines.push(JSON.stringify(line)) };
    const failed = titled('Could not issue a token', () => Promise.reject(new Error('the key is 1234')));
    const response = errorResponse(await failed.catch((error: unknown) => error), logger, 'request-1');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      type: '/std-errors',
      status: 500,
      title: 'Could not issue a token',
      detail: 'Internal Server Error',
      instance: 'request-1',
      details: 'Internal Server Error',
    });
    expect(lines.join()).toContain('the key is 1234');
  });

  it('tells when to come back', () => {
    const error = new KumulusError('unavailable', 'too much', { retryAfterSeconds: 1.2 });
    expect(errorResponse(error, silentLogger, '').headers.get('retry-after')).toBe('2');
  });

  it("gives a step's title to errors that have none", async () => {
    const thrown = async (error: Error) =>
      titled('a step', () => Promise.reject(error)).catch((caught: unknown) => errorBody(caught).title);
    expect(await thrown(new KumulusError('not_found', ''))).toBe('a step');
    expect(await thrown(new KumulusError('not_found', '', { title: 'own' }))).toBe('own');
    expect(await thrown(new KumulusError('conflict', ''))).toBe('Conflict');
    expect(await thrown(new Error())).toBe('a step');
  });
});
