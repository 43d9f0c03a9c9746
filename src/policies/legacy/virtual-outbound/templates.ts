import { isHostName } from '../../../model/addresses.ts';
import { goQuote } from '../../../model/go-quote.ts';
import { evaluateTemplate } from '../../../model/go-template/evaluate.ts';
import { commonFunctions } from '../../../model/go-template/functions.ts';
import type { Template } from '../../../model/go-template/nodes.ts';
import { parseTemplate } from '../../../model/go-template/parse.ts';
import type { Tags } from '../../../model/tags.ts';
import type { VirtualOutboundConf } from './schema.ts';

type Parameters = NonNullable<VirtualOutboundConf['parameters']>;

const functionNames = new Set(commonFunctions.keys());

/** The tag that a parameter has its value from. */
export function tagOf({ name = '', tagKey }: Parameters[number]): string {
  return tagKey ?? name;
}

/**
 * The host name that a VirtualOutbound gives to instances with the given tags.
 *
 * @throws Error in the reference's words where the template is none, or gives no host name.
 */
export function hostFor(conf: VirtualOutboundConf, tags: Tags): string {
  const host = evaluate(conf.host ?? '', conf.parameters, tags);
  if (!isHostName(host)) {
    throw new Error(
      `evaluation of template with parameters didn't return a valid dns name result=${goQuote(host)}`,
    );
  }
  return host;
}

/**
 * The port that a VirtualOutbound gives to instances with the given tags.
 *
 * @throws Error in the reference's words where the template is none, or gives no port.
 */
export function portFor(conf: VirtualOutboundConf, tags: Tags): number {
  const text = evaluate(conf.port ?? '', conf.parameters, tags);
  if (!isInt64(text)) {
    throw new Error(
      `evaluation of template with parameters didn't evaluate to a parsable number result=${goQuote(text)}`,
    );
  }
  const port = Number(text);
  if (port <= 0 || port > 65_535) {
    throw new Error(
      `evaluation of template returned a port outside of the range [1..65535] result=${BigInt(text)}`,
    );
  }
  return port;
}

/** Whether a text is a number as Go's `strconv.ParseInt` takes it, in base 10. */
function isInt64(text: string): boolean {
  const digits = /^[+-]?(\d{1,400})$/.exec(text)?.[1];
  if (digits === undefined) {
    return false;
  }
  const limit = 2n ** 63n;
  const value = BigInt(digits);
  return text.startsWith('-') ? value <= limit : value < limit;
}

function evaluate(text: string, parameters: Parameters = [], tags: Tags): string {
  const template = orFail('failed compiling gotemplate', () => parseTemplate(text, functionNames));
  return orFail('pre evaluation of template with parameters failed with', () =>
    evaluateTemplate(template, { fields: fieldsOf(parameters, tags), functions: commonFunctions }),
  );
}

function fieldsOf(parameters: Parameters, tags: Tags): Tags {
  return Object.fromEntries(
    parameters.flatMap((parameter) => {
      const value = Object.hasOwn(tags, tagOf(parameter)) ? tags[tagOf(parameter)] : undefined;
      return value === undefined ? [] : [[parameter.name ?? '', value]];
    }),
  );
}

function orFail<Result extends Template | string>(prefix: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    throw new Error(`${prefix} error=${goQuote(error instanceof Error ? error.message : String(error))}`);
  }
}
