import { isKumulusError, type KumulusError } from '../../model/errors.ts';
import type { Logger } from '../../model/ports.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { BootstrapAnswer } from '../server/bootstrap-endpoint.ts';

/** Who asks, as far as was read, for the log. Nothing of it has been checked. */
export interface BootstrapCaller {
  tenant?: TenantId;
  mesh?: string;
  name?: string;
}

/** What a person reads in kuma-dp's log: the violations, or the message. */
function textOf(error: KumulusError): string {
  return error.violations.length === 0
    ? error.message
    : error.violations.map(({ field, message }) => `${field}: ${message}`).join('; ');
}

function plain(status: number, body: string): BootstrapAnswer {
  return body === '' ? { status, body } : { status, contentType: 'text/plain; charset=utf-8', body };
}

/**
 * The one mapping from errors to answers of `/bootstrap`. kuma-dp gives up on 4xx and shows their text, but tries again
 * after an empty 404 and after 5xx. What the reference answers with an empty 400, 404 or 500 has no text here either.
 *
 * @throws what the endpoint itself answers: `unavailable`, and errors that are none of ours.
 */
export function refusalOf(error: unknown, logger: Logger, caller: BootstrapCaller): BootstrapAnswer {
  if (!isKumulusError(error) || error.code === 'unavailable') {
    throw error;
  }
  logger.info('a bootstrap was refused', { ...caller, reason: error.code, details: textOf(error) });
  switch (error.code) {
    case 'invalid':
      return plain(422, textOf(error));
    case 'bad_request':
      return plain(400, textOf(error));
    case 'unauthenticated':
      return plain(401, textOf(error));
    case 'forbidden':
      return plain(403, textOf(error));
    case 'not_found':
      return plain(404, '');
    default:
      return plain(500, '');
  }
}
