import type { Command, Node, Operand, Pipeline, Template } from './nodes.ts';
import { EvaluationError } from './template-error.ts';

/** What an expression can be; undefined stands for no value, such as a field that is not there. */
export type Value = string | number | boolean | Readonly<Record<string, string>> | undefined;

/** A function that templates may call. It throws an `Error` whose message says what is wrong with the arguments. */
export interface TemplateFunction {
  (...parameters: readonly Value[]): Value;
  /** How many arguments it takes; any number unless told. */
  readonly takes?: readonly [least: number, most: number];
  /** Arguments after one of which this holds are left alone. */
  readonly until?: (parameter: Value) => boolean;
}

/** The longest text that a template may give, in characters. */
const maxLength = 65_536;

const tooLong = `the text is longer than ${maxLength} characters`;

/** What a template is filled in with. */
export interface TemplateData {
  readonly fields: Readonly<Record<string, string>>;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** Fields that are not there are errors, as of Go's structs; those of Go's maps are no values. False unless told. */
  readonly strict?: boolean;
}

/**
 * Fills a template in.
 *
 * @throws EvaluationError in the words of Go.
 */
export function evaluateTemplate(template: Template, data: TemplateData): string {
  return new Evaluation(template, data).render(template.nodes, data.fields);
}

class Evaluation {
  readonly #template: Template;
  readonly #data: TemplateData;
  /** Those that are in sight, the innermost last. */
  readonly #variables: { readonly name: string; value: Value }[];
  /** Of all that has been printed. */
  #length = 0;

  constructor(template: Template, data: TemplateData) {
    this.#template = template;
    this.#data = data;
    this.#variables = [{ name: '$', value: data.fields }];
  }

  render(nodes: readonly Node[], dot: Value): string {
    return nodes.map((node) => this.#node(node, dot)).join('');
  }

  #node(node: Node, dot: Value): string {
    if (node.kind === 'text') {
      return this.#print(node.text);
    }
    if (node.kind === 'print') {
      const value = this.#pipeline(node.pipeline, dot);
      return node.pipeline.variable === undefined ? this.#print(printed(value)) : '';
    }
    const known = this.#variables.length;
    const value = this.#pipeline(node.condition, dot);
    const text = isTrue(value)
      ? this.render(node.body, node.kind === 'with' ? value : dot)
      : this.render(node.otherwise, dot);
    this.#variables.length = known;
    return text;
  }

  #print(text: string): string {
    this.#length += text.length;
    if (this.#length > maxLength) {
      throw new EvaluationError(this.#template.text, 0, '', tooLong);
    }
    return text;
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    let result: readonly Value[] = [];
    for (const command of pipeline.commands) {
      result = [this.#command(command, dot, result)];
    }
    if (pipeline.variable !== undefined) {
      this.#assign(pipeline.variable, result[0]);
    }
    return result[0];
  }

  #assign({ name, isNew }: NonNullable<Pipeline['variable']>, value: Value): void {
    const known = isNew ? undefined : this.#variable(name);
    if (known === undefined) {
      this.#variables.push({ name, value });
    } else {
      known.value = value;
    }
  }

  /** The innermost one of that name. */
  #variable(name: string) {
    const position = this.#variables.map((variable) => variable.name).lastIndexOf(name);
    return this.#variables[position];
  }

  /** @param last the value of the command before, none for the first one. */
  #command([first, ...rest]: Command, dot: Value, last: readonly Value[]): Value {
    if (first === undefined) {
      return undefined;
    }
    if (first.kind === 'nil') {
      throw this.#error(first, 'nil is not a command');
    }
    if (first.kind === 'function') {
      const parameters = rest.map((each) => () => this.#operand(each, dot));
      const text = [first, ...rest].map(written).join(' ');
      return this.#call(first, text, [...parameters, ...last.map((value) => () => value)]);
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
      case 'nil':
        return undefined;
      case 'variable':
        return this.#variable(operand.name)?.value;
      case 'chain':
        return operand.names.reduce<Value>(
          (value, name) => this.#field(operand, value, name),
          this.#operand(operand.of, dot),
        );
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'pipeline':
        return this.#pipeline(operand.pipeline, dot);
      case 'function':
        return this.#call(operand, operand.name, []);
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
    if (!Object.hasOwn(value, name) && this.#data.strict === true) {
      throw this.#error(operand, `can't evaluate field ${name} in type struct`);
    }
    return Object.hasOwn(value, name) ? value[name] : undefined;
  }

  /** @param command the function and its arguments, as they are written. */
  #call(
    operand: Operand & { readonly kind: 'function' },
    command: string,
    parameters: readonly (() => Value)[],
  ): Value {
    const { name } = operand;
    const called = this.#data.functions.get(name);
    const [least, most] = called?.takes ?? [0, Number.POSITIVE_INFINITY];
    if (parameters.length < least || parameters.length > most) {
      const wanted = least === most ? String(least) : `at least ${least}`;
      throw this.#error(operand, `wrong number of args for ${name}: want ${wanted} got ${parameters.length}`);
    }
    const values: Value[] = [];
    for (const parameter of parameters) {
      const value = parameter();
      values.push(value);
      if (called?.until?.(value) === true) {
        break;
      }
    }
    try {
      const result = called?.(...values);
      if (typeof result === 'string' && result.length > maxLength) {
        throw new Error(tooLong);
      }
      return result;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw this.#error(operand, `error calling ${name}: ${reason}`, command);
    }
  }

  #error(operand: Operand, message: string, node = written(operand)): EvaluationError {
    return new EvaluationError(this.#template.text, operand.token.position, node, message);
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
