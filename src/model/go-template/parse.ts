import { goQuote } from '../go-quote.ts';
import { lexTemplate, type Piece, type Token } from './lex.ts';
import { TemplateError } from './template-error.ts';

/** Something that has a value. */
export type Operand =
  | { readonly kind: 'fields'; readonly names: readonly string[]; readonly token: Token }
  | { readonly kind: 'dot'; readonly token: Token }
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly token: Token }
  | { readonly kind: 'function'; readonly name: string; readonly token: Token }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline; readonly token: Token };

/** A function and its arguments, or a value alone. */
export type Command = readonly Operand[];

/** Commands, each of which is the last argument of the one after it. */
export type Pipeline = readonly Command[];

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with';
      readonly condition: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** A template that was read. */
export interface Template {
  readonly text: string;
  readonly nodes: readonly Node[];
}

/** Words of the language that this reader does not have. */
const unsupported = ['block', 'break', 'continue', 'define', 'range', 'template'];
const keywords = [...unsupported, 'else', 'end', 'if', 'with'];

/** How deep parentheses and conditions may be nested. */
const maxDepth = 50;

/**
 * Reads a template of Go's `text/template` (https://pkg.go.dev/text/template): fields, texts, numbers, functions,
 * pipelines, `if` and `with`. Variables, loops and templates within templates are refused.
 *
 * @param functions the names of the functions that it may call.
 * @throws TemplateError in the words of Go.
 */
export function parseTemplate(text: string, functions: ReadonlySet<string>): Template {
  const parser = new Parser(text, functions, lexTemplate(text));
  return { text, nodes: parser.template() };
}

class Parser {
  readonly #text: string;
  readonly #functions: ReadonlySet<string>;
  readonly #pieces: readonly Piece[];
  #piece = 0;
  #tokens: readonly Token[] = [];
  #token = 0;
  #depth = 0;

  constructor(text: string, functions: ReadonlySet<string>, pieces: readonly Piece[]) {
    this.#text = text;
    this.#functions = functions;
    this.#pieces = pieces;
  }

  template(): readonly Node[] {
    const { nodes, keyword } = this.#list();
    if (keyword !== undefined) {
      throw this.#error(`unexpected {{${keyword}}}`);
    }
    return nodes;
  }

  /** Nodes up to `{{end}}` or `{{else}}`, which have been taken, or up to the end of the template. */
  #list(): { readonly nodes: readonly Node[]; readonly keyword: 'end' | 'else' | undefined } {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.#pieces[this.#piece];
      this.#piece += 1;
      if (piece === undefined) {
        return { nodes, keyword: undefined };
      }
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      this.#tokens = piece.tokens;
      this.#token = 0;
      const keyword = this.#keyword();
      if (keyword === 'end' || keyword === 'else') {
        return { nodes, keyword };
      }
      nodes.push(
        keyword === undefined
          ? { kind: 'print', pipeline: this.#pipeline('command', 'end') }
          : this.#control(keyword),
      );
    }
  }

  #keyword(): 'if' | 'with' | 'else' | 'end' | undefined {
    const token = this.#peek();
    if (token.kind !== 'identifier' || !keywords.includes(token.text)) {
      return undefined;
    }
    this.#token += 1;
    switch (token.text) {
      case 'if':
      case 'with':
      case 'else':
        return token.text;
      case 'end':
        this.#expectEnd('end');
        return 'end';
      default:
        throw this.#error(`{{${token.text}}} is not supported`);
    }
  }

  #control(kind: 'if' | 'with'): Node {
    this.#deeper();
    const condition = this.#pipeline(kind, 'end');
    const { nodes, keyword } = this.#list();
    let otherwise: readonly Node[] = [];
    if (keyword === 'else') {
      otherwise = this.#otherwise(kind);
    } else if (keyword === undefined) {
      throw this.#error('unexpected EOF');
    }
    this.#depth -= 1;
    return { kind, condition, body: nodes, otherwise };
  }

  /** What follows `{{else`: `if` and `with` may go on in it, and share its `{{end}}`. */
  #otherwise(kind: 'if' | 'with'): readonly Node[] {
    const next = this.#peek();
    if (next.kind === 'identifier' && next.text === kind) {
      this.#token += 1;
      return [this.#control(kind)];
    }
    this.#expectEnd('else');
    const { nodes, keyword } = this.#list();
    if (keyword !== 'end') {
      throw this.#error(keyword === undefined ? 'unexpected EOF' : 'expected end; found {{else}}');
    }
    return nodes;
  }

  #pipeline(context: string, end: 'end' | ')'): Pipeline {
    this.#deeper();
    const commands: Command[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === end) {
        this.#token += 1;
        this.#depth -= 1;
        return this.#checked(commands, context);
      }
      if (token.kind === 'variable') {
        throw this.#error(`undefined variable ${goQuote(token.text)}`);
      }
      if (token.kind === 'end' || token.kind === ')' || token.kind === '|' || token.kind === 'character') {
        throw this.#unexpected(token, context);
      }
      commands.push(this.#command());
    }
  }

  /** Only the first command of a pipeline may be a value that takes no argument. */
  #checked(commands: readonly Command[], context: string): Pipeline {
    if (commands.length === 0) {
      throw this.#error(`missing value for ${context}`);
    }
    const stage = commands.findIndex(
      ([first], position) => position > 0 && (first?.kind === 'literal' || first?.kind === 'dot'),
    );
    if (stage > 0) {
      throw this.#error(`non executable command in pipeline stage ${stage + 1}`);
    }
    return commands;
  }

  #command(): Command {
    const operands: Operand[] = [];
    for (;;) {
      this.#peek();
      const operand = this.#operand();
      if (operand !== undefined) {
        operands.push(operand);
      }
      const token = this.#current();
      if (token.kind === 'space') {
        this.#token += 1;
      } else if (token.kind === '|') {
        this.#token += 1;
        return this.#nonEmpty(operands);
      } else if (token.kind === 'end' || token.kind === ')') {
        return this.#nonEmpty(operands);
      } else {
        throw this.#unexpected(token, 'operand');
      }
    }
  }

  #nonEmpty(operands: readonly Operand[]): Command {
    if (operands.length === 0) {
      throw this.#error('empty command');
    }
    return operands;
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#current().kind !== 'field') {
      return term;
    }
    if (term.kind === 'literal' || term.kind === 'dot') {
      throw this.#error(`unexpected . after term ${goQuote(term.token.text)}`);
    }
    if (term.kind !== 'fields') {
      throw this.#error('fields of results are not supported');
    }
    const names = [...term.names];
    for (let token = this.#current(); token.kind === 'field'; token = this.#current()) {
      names.push(token.text.slice(1));
      this.#token += 1;
    }
    return { ...term, names };
  }

  #term(): Operand | undefined {
    const token = this.#current();
    this.#token += 1;
    switch (token.kind) {
      case 'field':
        return { kind: 'fields', names: [token.text.slice(1)], token };
      case 'dot':
        return { kind: 'dot', token };
      case 'number':
        return { kind: 'literal', value: Number(token.text.replaceAll('_', '')), token };
      case 'string':
        return { kind: 'literal', value: this.#unquote(token), token };
      case 'identifier':
        return this.#named(token);
      case 'variable':
        throw this.#error(`undefined variable ${goQuote(token.text)}`);
      case '(':
        return { kind: 'pipeline', pipeline: this.#pipeline('parenthesized pipeline', ')'), token };
      default:
        this.#token -= 1;
        return undefined;
    }
  }

  #named(token: Token): Operand {
    if (token.text === 'true' || token.text === 'false') {
      return { kind: 'literal', value: token.text === 'true', token };
    }
    if (keywords.includes(token.text) || token.text === 'nil') {
      throw this.#unexpected(token, 'operand');
    }
    if (!this.#functions.has(token.text)) {
      throw this.#error(`function ${goQuote(token.text)} not defined`);
    }
    return { kind: 'function', name: token.text, token };
  }

  #unquote({ text }: Token): string {
    if (text.startsWith('`')) {
      return text.slice(1, -1).replaceAll('\r', '');
    }
    try {
      const value: unknown = JSON.parse(text);
      return String(value);
    } catch {
      throw this.#error('invalid syntax');
    }
  }

  /** The next token that is no space. */
  #peek(): Token {
    while (this.#current().kind === 'space') {
      this.#token += 1;
    }
    return this.#current();
  }

  #current(): Token {
    return this.#tokens[this.#token] ?? { kind: 'end', text: '}}', position: this.#text.length };
  }

  #expectEnd(context: string): void {
    const token = this.#peek();
    if (token.kind !== 'end') {
      throw this.#unexpected(token, context);
    }
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw this.#error('max expression depth exceeded');
    }
  }

  #unexpected({ kind, text }: Token, context: string): TemplateError {
    const shown = keywords.includes(text) && kind === 'identifier' ? `<${text}>` : shortened(text);
    return this.#error(`unexpected ${shown} in ${context}`);
  }

  #error(message: string): TemplateError {
    return new TemplateError(this.#text, this.#current().position, message);
  }
}

function shortened(text: string): string {
  return text.length > 10 ? `${goQuote(text.slice(0, 10))}...` : goQuote(text);
}
