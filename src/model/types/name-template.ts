import { evaluateTemplate, type TemplateFunction } from '../go-template/evaluate.ts';
import { commonFunctions } from '../go-template/functions.ts';
import { parseTemplate } from '../go-template/parse.ts';
import { EvaluationError, TemplateError } from '../go-template/template-error.ts';
import type { Labels } from '../labels.ts';

/** What templates of names may call. */
const functionNames: ReadonlySet<string> = new Set([...commonFunctions.keys(), 'label']);

/** What is wrong with a template of host names or identities, in the words of Go; undefined where nothing is. */
export function templateProblem(template: string): string | undefined {
  try {
    parseTemplate(template, functionNames);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** What came of a template. */
export type Rendered = { readonly text: string } | { readonly problem: string };

/**
 * Fills a template in.
 *
 * @param fields what it calls `.Name` and so on.
 * @param labels what `label "…"` gives; one that is not there is a problem.
 */
export function renderTemplate(
  template: string,
  fields: Readonly<Record<string, string>>,
  labels: Labels,
): Rendered {
  const label: TemplateFunction = (name, ...others) => {
    const value = typeof name === 'string' && Object.hasOwn(labels, name) ? labels[name] : undefined;
    if (others.length > 0 || typeof name !== 'string') {
      throw new Error('wants one text');
    }
    if (value === undefined) {
      throw new Error(`label ${name} not found`);
    }
    return value;
  };
  try {
    const functions = new Map([...commonFunctions, ['label', label] as const]);
    const parsed = parseTemplate(template, functionNames);
    return { text: evaluateTemplate(parsed, { fields, functions, strict: true }) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** @throws what is no fault of the template. */
function messageOf(error: unknown): string {
  if (error instanceof TemplateError || error instanceof EvaluationError) {
    return error.message;
  }
  throw error;
}
