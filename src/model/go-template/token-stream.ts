import { goQuote } from '../go-quote.ts';
import { Lexer, type Token } from './lex.ts';
import { lineOf, TemplateError } from './template-error.ts';

/** The tokens of a template, read when they are wanted, so that of several mistakes the first is told. */
export class TokenStream {
  readonly #template: string;
  readonly #lexer: Lexer;
  readonly #tokens: Token[] = [];
  #next = 0;
  /** Where the action started that is being read. */
  #action: number | undefined;

  constructor(template: string) {
    this.#template = template;
    this.#lexer = new Lexer(template);
  }

  next(): Token {
    const token = this.#tokens[this.#next] ?? this.#lexer.next();
    this.#tokens[this.#next] = token;
    this.#next += 1;
    return token;
  }

  backup(): void {
    this.#next -= 1;
  }

  peek(): Token {
    const token = this.next();
    this.backup();
    return token;
  }

  nextNonSpace(): Token {
    const token = this.next();
    return token.kind === 'space' ? this.next() : token;
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.backup();
    return token;
  }

  /** @throws TemplateError where what follows is something else. */
  expectRight(context: string): void {
    const token = this.nextNonSpace();
    if (token.kind !== 'right') {
      throw this.unexpected(token, context);
    }
  }

  startAction(position: number | undefined): void {
    this.#action = position;
  }

  unexpected(token: Token, context: string): TemplateError {
    return this.error(
      token.kind === 'error' ? this.#lexicalError(token) : `unexpected ${shown(token)} in ${context}`,
    );
  }

  /** An error at the token that was read last. */
  error(message: string): TemplateError {
    return new TemplateError(this.#template, this.#tokens.at(-1)?.position ?? 0, message);
  }

  #lexicalError({ text, position }: Token): string {
    const line = this.#action === undefined ? undefined : lineOf(this.#template, this.#action);
    if (line === undefined || line === lineOf(this.#template, position)) {
      return text;
    }
    return `${text}${text.endsWith(' action') ? '' : ' in action'} started at :${line}`;
  }
}

function shown({ kind, text }: Token): string {
  if (kind === 'eof') {
    return 'EOF';
  }
  if (kind === 'keyword' || kind === 'dot' || kind === 'nil') {
    return `<${text}>`;
  }
  const characters = [...text];
  return characters.length > 10 ? `${goQuote(characters.slice(0, 10).join(''))}...` : goQuote(text);
}
