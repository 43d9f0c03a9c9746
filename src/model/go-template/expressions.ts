import { goQuote } from '../go-quote.ts';
import type { Token } from './lex.ts';
import { characterOf, LiteralError, numberOf, textOf } from './literals.ts';
import type { Command, Operand, Pipeline } from './nodes.ts';
import type { TemplateError } from './template-error.ts';
import type { TokenStream } from './token-stream.ts';

/** Functions of Go's templates that no template here can call. */
const foreignFunctions = ['call', 'html', 'js', 'urlquery'];

/** How deep parentheses and conditions may be nested. */
const maxDepth = 50;

/** How many variables may be in sight. */
const maxVariables = 50;

/** Reads what stands within actions, and keeps what is true of a whole template: variables, depth, what is not supported. */
export class ExpressionParser {
  readonly #functions: ReadonlySet<string>;
  readonly #tokens: TokenStream;
  /** The names of those that are in sight. */
  #variables: readonly string[] = ['$'];
  #depth = 0;
  /** The first thing that is sound and not supported. */
  #unsupported: TemplateError | undefined;

  constructor(tokens: TokenStream, functions: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  /** Reads something that is nested; the variables that it declares are its own. */
  inside<Result>(read: () => Result): Result {
    const variables = this.#variables;
    const result = this.#deeper(read);
    this.#variables = variables;
    return result;
  }

  /** Reads something that sees no variables of what it stands in. */
  apart<Result>(read: () => Result): Result {
    return this.inside(() => {
      this.#variables = ['$'];
      return read();
    });
  }

  /** Something that this reader understands and cannot have; what is plainly wrong is told before. */
  refuse(what: string): void {
    this.#unsupported ??= this.#tokens.error(`${what} is not supported`);
  }

  /** @throws TemplateError where anything was refused. */
  requireSupported(): void {
    if (this.#unsupported !== undefined) {
      throw this.#unsupported;
    }
  }

  /**
   * Reads commands up to an end, which is taken, too.
   *
   * @param context what errors call it.
   */
  pipeline(context: string, end: 'right' | ')'): Pipeline {
    const variable = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.kind === end) {
        this.#check(commands, context);
        return { commands, ...(variable !== undefined && { variable }) };
      }
      if (!startsOperand(token)) {
        throw this.#tokens.unexpected(token, context);
      }
      this.#tokens.backup();
      commands.push(this.#command());
    }
  }

  /** `$name :=` or `$name =`; loops may have two names. */
  #declaration(context: string): Pipeline['variable'] {
    for (let count = 1; this.#tokens.peekNonSpace().kind === 'variable'; count += 1) {
      const { text: name } = this.#tokens.nextNonSpace();
      const spaced = this.#tokens.peek().kind === 'space';
      const { kind, text } = this.#tokens.nextNonSpace();
      if (kind === 'assign' || kind === 'declare') {
        this.#declare(name);
        return { name, isNew: kind === 'declare' };
      }
      if (text !== ',' || kind !== 'punctuation') {
        for (let back = spaced ? 3 : 2; back > 0; back -= 1) {
          this.#tokens.backup();
        }
        return undefined;
      }
      this.#declare(name);
      if (context !== 'range' || count > 1) {
        throw this.#tokens.error(`too many declarations in ${context}`);
      }
      if (!['variable', 'right', ')'].includes(this.#tokens.peekNonSpace().kind)) {
        throw this.#tokens.error('range can only initialize variables');
      }
    }
    return undefined;
  }

  #declare(name: string): void {
    this.#variables = [...this.#variables, name];
    if (this.#variables.length > maxVariables) {
      throw this.#tokens.error('too many variables');
    }
  }

  /** Only the first command of a pipeline may be a value that takes no argument. */
  #check(commands: readonly Command[], context: string): void {
    if (commands.length === 0) {
      throw this.#tokens.error(`missing value for ${context}`);
    }
    const stage = commands.findIndex(
      ([first], position) => position > 0 && first !== undefined && isConstant(first),
    );
    if (stage > 0) {
      throw this.#tokens.error(`non executable command in pipeline stage ${stage + 1}`);
    }
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) {
        operands.push(operand);
      }
      const token = this.#tokens.next();
      if (token.kind === 'space') {
        continue;
      }
      if (token.kind === 'right' || token.kind === ')') {
        this.#tokens.backup();
      } else if (token.kind !== 'pipe') {
        throw this.#tokens.unexpected(token, 'operand');
      }
      if (operands.length === 0) {
        throw this.#tokens.error('empty command');
      }
      return operands;
    }
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#tokens.peek().kind !== 'field') {
      return term;
    }
    // Errors point to the first of the further fields, as in Go.
    const token = this.#tokens.peek();
    const names: string[] = [];
    while (this.#tokens.peek().kind === 'field') {
      names.push(this.#tokens.next().text.slice(1));
    }
    if (isConstant(term)) {
      throw this.#tokens.error(`unexpected . after term ${goQuote(term.token.text)}`);
    }
    return term.kind === 'fields'
      ? { ...term, names: [...term.names, ...names], token }
      : { kind: 'chain', of: term, names, token };
  }

  #term(): Operand | undefined {
    const token = this.#tokens.nextNonSpace();
    const { kind, text } = token;
    switch (kind) {
      case 'field':
        return { kind: 'fields', names: [text.slice(1)], token };
      case 'dot':
      case 'nil':
        return { kind, token };
      case 'boolean':
        return { kind: 'literal', value: text === 'true', token };
      case 'number':
      case 'complex':
        return { kind: 'literal', value: this.#number(token), token };
      case 'character':
        return { kind: 'literal', value: this.literal(() => characterOf(text)), token };
      case 'string':
        return { kind: 'literal', value: this.literal(() => textOf(text)), token };
      case 'identifier':
        return this.#function(token);
      case 'variable':
        return this.#variable(token);
      case '(':
        return this.#parentheses(token);
      default:
        this.#tokens.backup();
        return undefined;
    }
  }

  #number({ kind, text }: Token): number {
    const value = kind === 'complex' ? undefined : this.literal(() => numberOf(text));
    if (value === undefined) {
      this.refuse(`the number ${text}`);
    }
    return value ?? 0;
  }

  #function(token: Token): Operand {
    if (!this.#functions.has(token.text)) {
      if (!foreignFunctions.includes(token.text)) {
        throw this.#tokens.error(`function ${goQuote(token.text)} not defined`);
      }
      this.refuse(`the function ${token.text}`);
    }
    return { kind: 'function', name: token.text, token };
  }

  #variable(token: Token): Operand {
    if (!this.#variables.includes(token.text)) {
      throw this.#tokens.error(`undefined variable ${goQuote(token.text)}`);
    }
    return { kind: 'variable', name: token.text, token };
  }

  #parentheses(token: Token): Operand {
    const pipeline = this.#deeper(() => this.pipeline('parenthesized pipeline', ')'));
    return { kind: 'pipeline', pipeline, token };
  }

  #deeper<Result>(read: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw this.#tokens.error('max expression depth exceeded');
    }
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** Reads a literal; what is wrong with it is wrong with the template. */
  literal<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      throw error instanceof LiteralError ? this.#tokens.error(error.message) : error;
    }
  }
}

function isConstant({ kind }: Operand): boolean {
  return kind === 'literal' || kind === 'dot' || kind === 'nil';
}

const operandStarts: ReadonlySet<Token['kind']> = new Set([
  'boolean',
  'character',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'string',
  'variable',
  '(',
]);

function startsOperand({ kind }: Token): boolean {
  return operandStarts.has(kind);
}
