import { KumulusError } from '../../model/errors.ts';
import { key } from '../../model/violations.ts';

/** The error for an annotation of a pod whose value cannot be used, or that is missing. */
export function annotationRefusal(name: string, message: string): KumulusError {
  return new KumulusError('invalid', message, {
    violations: [{ field: key('metadata.annotations', name), message }],
  });
}
