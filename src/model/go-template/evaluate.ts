import type { Command, Node, Operand, Pipeline, Template } from './parse.ts';
import { EvaluationError } from './template-error.ts';

/** What an expression can be; undefined stands for no value, such as a field that is not there. */
export type Value = string | number | boolean | Readonly<Record<string, string>> | undefined;

/** A function that templates may call. It throws an `Error` whose message says what is wrong with the arguments. */
export type TemplateFunction = (...parameters: readonly Value[]) => Value;

/** The longest text that a template may give, in characters. */
const maxLength = 65_536;

/**
 * Evaluates a template with the given fields.
 *
 * @throws EvaluationError in the words of Go.
 */
export function evaluateTemplate(
  template: Template,
  fields: Readonly<Record<string, string>>,
  functions: ReadonlyMap<string, TemplateFunction>,
): string {
  return new Evaluation(template, functions).render(template.nodes, fields);
}

class Evaluation {
  readonly #template: Template;
  readonly #functions: ReadonlyMap<string, TemplateFunction>;

  constructor(template: Template, functions: ReadonlyMap<string, TemplateFunction>) {
    this.#template = template;
    this.#functions = functions;
  }

  render(nodes: readonly Node[], dot: Value): string {
    return nodes.map((node) => this.#node(node, dot)).join('');
  }

  #node(node: Node, dot: Value): string {
    if (node.kind === 'text') {
      return node.text;
    }
    if (node.kind === 'print') {
      return printed(this.#pipeline(node.pipeline, dot));
    }
    const value = this.#pipeline(node.condition, dot);
    if (!isTrue(value)) {
      return this.render(node.otherwise, dot);
    }
    return this.render(node.body, node.kind === 'with' ? value : dot);
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    let result: readonly Value[] = [];
    for (const command of pipeline) {
      result = [this.#command(command, dot, result)];
    }
    return result[0];
  }

  /** @param last the value of the command before, none for the first one. */
  #command([first, ...rest]: Command, dot: Value, last: readonly Value[]): Value {
    if (first === undefined) {
      return undefined;
    }
    if (first.kind === 'function') {
      return this.#call(first, [...rest.map((each) => this.#operand(each, dot)), ...last]);
    }
    if (rest.length + last.length > 0) {
      const name = written(first);
      throw this.#error(
        first,
        first.kind === 'fields'
          ? `${first.names.at(-1) ?? ''} is not a method but has arguments`
          : `can't give argument to non-function ${name}`,
      );
    }
    return this.#operand(first, dot);
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'pipeline':
        return this.#pipeline(operand.pipeline, dot);
      case 'function':
        return this.#call(operand, []);
      case 'fields':
        return operand.names.reduce<Value>((value, name) => this.#field(operand, value, name), dot);
    }
  }

  #field(operand: Operand, value: Value, name: string): Value {
    if (value === undefined) {
      return undefined;
    }
    if (typeof value !== 'object') {
      throw this.#error(operand, `can't evaluate field ${name} in type ${typeName(value)}`);
    }
    return Object.hasOwn(value, name) ? value[name] : undefined;
  }

  #call(operand: Operand & { readonly kind: 'function' }, parameters: readonly Value[]): Value {
    try {
      const result = this.#functions.get(operand.name)?.(...parameters);
      if (typeof result === 'string' && result.length > maxLength) {
        throw new Error(`the text is longer than ${maxLength} characters`);
      }
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.#error(operand, `error calling ${operand.name}: ${reason}`);
    }
  }

  #error(operand: Operand, message: string): EvaluationError {
    return new EvaluationError(this.#template.text, operand.token.position, written(operand), message);
  }
}

/** Whether a condition holds: what is empty, 0 or absent does not. */
export function isTrue(value: Value): boolean {
  return typeof value === 'object' ? Object.keys(value).length > 0 : Boolean(value);
}

/** A value as `{{ }}` prints it. */
export function printed(value: Value): string {
  if (value === undefined) {
    return '<no value>';
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([name, text]) => `${name}:${text}`).join(' ')}]`;
}

/** Go's name for the type of a value. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case 'object':
      return 'map[string]string';
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float64';
    case 'boolean':
      return 'bool';
    default:
      return typeof value;
  }
}

function written(operand: Operand): string {
  return operand.kind === 'fields' ? operand.names.map((name) => `.${name}`).join('') : operand.token.text;
}
