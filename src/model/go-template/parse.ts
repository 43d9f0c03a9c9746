import { ExpressionParser } from './expressions.ts';
import { textOf } from './literals.ts';
import type { Node, Template } from './nodes.ts';
import { TokenStream } from './token-stream.ts';

/** The end of a list of nodes. */
type ListEnd = 'end' | 'else';

interface List {
  readonly nodes: readonly Node[];
  readonly end: ListEnd;
}

/**
 * Reads a template of Go's `text/template` (https://pkg.go.dev/text/template): fields, variables, literals, functions,
 * pipelines, `if` and `with`. What else there is in the language is understood and then refused: loops and templates
 * within templates would have no bounds.
 *
 * @param functions the names of the functions that it may call.
 * @throws TemplateError in the words of Go.
 */
export function parseTemplate(text: string, functions: ReadonlySet<string>): Template {
  return { text, nodes: new Parser(text, functions).template() };
}

class Parser {
  readonly #tokens: TokenStream;
  readonly #expressions: ExpressionParser;
  /** How many loops there are around what is being read. */
  #loops = 0;

  constructor(text: string, functions: ReadonlySet<string>) {
    this.#tokens = new TokenStream(text);
    this.#expressions = new ExpressionParser(this.#tokens, functions);
  }

  template(): readonly Node[] {
    const nodes: Node[] = [];
    while (this.#tokens.peek().kind !== 'eof') {
      if (this.#isDefinition()) {
        this.#definition();
        continue;
      }
      const node = this.#textOrAction();
      if (typeof node === 'string') {
        throw this.#tokens.error(`unexpected {{${node}}}`);
      }
      nodes.push(...node);
    }
    this.#expressions.requireSupported();
    return nodes;
  }

  /** Whether `{{define` comes next; it has been taken then. */
  #isDefinition(): boolean {
    if (this.#tokens.peek().kind !== 'left') {
      return false;
    }
    this.#tokens.next();
    const space = this.#tokens.peek().kind === 'space';
    const word = this.#tokens.nextNonSpace();
    if (word.kind === 'keyword' && word.text === 'define') {
      return true;
    }
    for (let back = space ? 3 : 2; back > 0; back -= 1) {
      this.#tokens.backup();
    }
    return false;
  }

  #definition(): void {
    const context = 'define clause';
    this.#expressions.refuse('{{define}}');
    this.#templateName(context);
    this.#tokens.expectRight(context);
    this.#ownList(context);
  }

  /** A list that neither sees variables nor is part of a loop. */
  #ownList(context: string): void {
    const loops = this.#loops;
    this.#loops = 0;
    const { end } = this.#expressions.apart(() => this.#list());
    if (end !== 'end') {
      throw this.#tokens.error(`unexpected {{${end}}} in ${context}`);
    }
    this.#loops = loops;
  }

  #list(): List {
    const nodes: Node[] = [];
    while (this.#tokens.peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction();
      if (typeof node === 'string') {
        return { nodes, end: node };
      }
      nodes.push(...node);
    }
    throw this.#tokens.error('unexpected EOF');
  }

  #textOrAction(): readonly Node[] | ListEnd {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === 'text') {
      return [{ kind: 'text', text: token.text }];
    }
    if (token.kind !== 'left') {
      throw this.#tokens.unexpected(token, 'input');
    }
    this.#tokens.startAction(token.position);
    const action = this.#action();
    this.#tokens.startAction(undefined);
    return action;
  }

  #action(): readonly Node[] | ListEnd {
    const token = this.#tokens.nextNonSpace();
    switch (token.kind === 'keyword' ? token.text : '') {
      case 'if':
        return [this.#control('if')];
      case 'with':
        return [this.#control('with')];
      case 'range':
        this.#expressions.refuse('{{range}}');
        this.#control('range');
        return [];
      case 'end':
        this.#tokens.expectRight('end');
        return 'end';
      case 'else':
        return this.#else();
      case 'break':
      case 'continue':
        return this.#jump(`{{${token.text}}}`);
      case 'block':
        return this.#block();
      case 'template':
        return this.#inclusion();
      default:
        this.#tokens.backup();
        return [{ kind: 'print', pipeline: this.#expressions.pipeline('command', 'right') }];
    }
  }

  #jump(written: string): readonly Node[] {
    this.#tokens.expectRight(written);
    if (this.#loops === 0) {
      throw this.#tokens.error(`${written} outside {{range}}`);
    }
    return [];
  }

  #block(): readonly Node[] {
    const context = 'block clause';
    this.#expressions.refuse('{{block}}');
    this.#templateName(context);
    this.#expressions.pipeline(context, 'right');
    this.#ownList(context);
    return [];
  }

  #inclusion(): readonly Node[] {
    const context = 'template clause';
    this.#expressions.refuse('{{template}}');
    this.#templateName(context);
    if (this.#tokens.nextNonSpace().kind !== 'right') {
      this.#tokens.backup();
      this.#expressions.pipeline(context, 'right');
    }
    return [];
  }

  #templateName(context: string): void {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== 'string') {
      throw this.#tokens.unexpected(token, context);
    }
    this.#expressions.literal(() => textOf(token.text));
  }

  /** `if` and `with` may follow in the same action; they are left there. */
  #else(): ListEnd {
    const next = this.#tokens.peekNonSpace();
    if (next.kind !== 'keyword' || (next.text !== 'if' && next.text !== 'with')) {
      this.#tokens.expectRight('else');
    }
    return 'else';
  }

  #control<Kind extends 'if' | 'with' | 'range'>(kind: Kind) {
    return this.#expressions.inside(() => {
      const condition = this.#expressions.pipeline(kind, 'right');
      this.#loops += kind === 'range' ? 1 : 0;
      const { nodes, end } = this.#list();
      this.#loops -= kind === 'range' ? 1 : 0;
      const otherwise: readonly Node[] = end === 'else' ? this.#otherwise(kind) : [];
      return { kind, condition, body: nodes, otherwise };
    });
  }

  #otherwise(kind: 'if' | 'with' | 'range'): readonly Node[] {
    const next = this.#tokens.peek();
    if (kind !== 'range' && next.kind === 'keyword' && next.text === kind) {
      this.#tokens.next();
      return [this.#control(kind)];
    }
    const { nodes, end } = this.#list();
    if (end !== 'end') {
      throw this.#tokens.error('expected end; found {{else}}');
    }
    return nodes;
  }
}
