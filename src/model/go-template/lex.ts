import { goQuote } from '../go-quote.ts';

/** What a piece of a template is. */
export type TokenKind =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'field'
  | 'dot'
  | 'nil'
  | 'variable'
  | 'identifier'
  | 'keyword'
  | 'boolean'
  | 'string'
  | 'character'
  | 'number'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'pipe'
  | '('
  | ')'
  | 'punctuation'
  | 'error'
  | 'eof';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written; of an error, what is wrong. */
  readonly text: string;
  /** Where it starts, in characters of the template. */
  readonly position: number;
}

/** The words with a meaning of their own. */
const keywords = 'block break continue define else end if range template with'.split(' ');

const symbols: ReadonlyMap<string, TokenKind> = new Map([
  ['=', 'assign'],
  ['|', 'pipe'],
  ['(', '('],
  [')', ')'],
]);

/** What ends at a quote on the same line, and what is said where none follows. */
const quotes: ReadonlyMap<string, readonly [kind: TokenKind, pattern: RegExp, problem: string]> = new Map([
  ['"', ['string', /"(?:[^"\\\n]|\\[^\n])*"/y, 'unterminated quoted string']],
  ['`', ['string', /`[^`]*`/y, 'unterminated raw quoted string']],
  ["'", ['character', /'(?:[^'\\\n]|\\[^\n])*'/y, 'unterminated character constant']],
]);

const spaces = ' \t\r\n';
const spaceRun = /[ \t\r\n]*/y;
const word = /[.$]?[\p{L}\p{Nd}_]*/uy;
const letter = /[\p{L}\p{Nd}_]/uy;
const number =
  /[+-]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?[\d_]*)?)i?/y;

/**
 * Cuts a template of Go's `text/template` into tokens, one at a time: the space that trim markers take away and comments
 * are left out. After an error there is only the end.
 */
export class Lexer {
  readonly #template: string;
  #position = 0;
  #inside = false;
  #depth = 0;

  constructor(template: string) {
    this.#template = template;
  }

  next(): Token {
    const token = this.#inside ? this.#action() : this.#outside();
    if (token.kind === 'error') {
      this.#position = this.#template.length;
      this.#inside = false;
    }
    return token;
  }

  #outside(): Token {
    for (;;) {
      const start = this.#position;
      const open = this.#template.indexOf('{{', start);
      const text = this.#template.slice(start, open < 0 ? undefined : open);
      const trims = open >= 0 && this.#trimsBefore(open);
      const kept = trims ? text.slice(0, text.length - trailingSpaces(text)) : text;
      this.#position = start + text.length;
      if (kept !== '') {
        return { kind: 'text', text: kept, position: start };
      }
      if (open < 0) {
        return { kind: 'eof', text: 'EOF', position: start };
      }
      this.#position = open + (trims ? 4 : 2);
      if (!this.#template.startsWith('/*', this.#position)) {
        this.#inside = true;
        this.#depth = 0;
        return { kind: 'left', text: '{{', position: open };
      }
      const problem = this.#comment();
      if (problem !== undefined) {
        return { kind: 'error', text: problem, position: open };
      }
    }
  }

  #trimsBefore(open: number): boolean {
    return this.#template[open + 2] === '-' && isSpace(this.#template[open + 3]);
  }

  /** Skips a comment. */
  #comment(): string | undefined {
    const end = this.#template.indexOf('*/', this.#position + 2);
    if (end < 0) {
      return 'unclosed comment';
    }
    return this.#close(end + 2) ? undefined : 'comment ends before closing delimiter';
  }

  /** Goes past `}}` or ` -}}`, and past the space that the latter takes away; false where neither is there. */
  #close(position: number): boolean {
    const trims = isSpace(this.#template[position]) && this.#template[position + 1] === '-';
    const at = trims ? position + 2 : position;
    if (!this.#template.startsWith('}}', at)) {
      return false;
    }
    this.#inside = false;
    this.#position = at + 2 + (trims ? this.#match(spaceRun, at + 2).length : 0);
    return true;
  }

  #action(): Token {
    const position = this.#position;
    const error = (text: string): Token => ({ kind: 'error', text, position });
    if (this.#close(position)) {
      return this.#depth > 0 ? error('unclosed left paren') : { kind: 'right', text: '}}', position };
    }
    const first = this.#template.codePointAt(position);
    if (first === undefined) {
      return error('unclosed action');
    }
    const token = this.#lex(String.fromCodePoint(first), position);
    this.#position = position + token.text.length;
    this.#depth += token.kind === '(' ? 1 : token.kind === ')' ? -1 : 0;
    return this.#depth < 0 ? error('unexpected right paren') : token;
  }

  #lex(first: string, position: number): Token {
    const token = (kind: TokenKind, text: string): Token => ({ kind, text, position });
    const quote = quotes.get(first);
    const symbol = symbols.get(first);
    if (spaces.includes(first)) {
      return token('space', this.#space(position));
    }
    if (quote !== undefined) {
      const [kind, pattern, problem] = quote;
      const text = this.#match(pattern, position);
      return text === '' ? token('error', problem) : token(kind, text);
    }
    if (symbol !== undefined) {
      return token(symbol, first);
    }
    if (first === ':') {
      const declares = this.#template[position + 1] === '=';
      return declares ? token('declare', ':=') : token('error', 'expected :=');
    }
    if (
      /[\d+-]/.test(first) ||
      (first === '.' && /^\d?$/.test(this.#template.slice(position + 1, position + 2)))
    ) {
      return this.#number(position);
    }
    const name = this.#match(word, position);
    if (name !== '') {
      return this.#word(name, position);
    }
    return /[!-~]/.test(first)
      ? token('punctuation', first)
      : token('error', `unrecognized character in action: ${characterName(first)}`);
  }

  /** The last space may be the one of ` -}}`. */
  #space(position: number): string {
    const run = this.#match(spaceRun, position);
    const closes = this.#template.startsWith('-}}', position + run.length);
    return closes ? run.slice(0, -1) : run;
  }

  #number(position: number): Token {
    let text = this.#match(number, position);
    let kind: TokenKind = 'number';
    let isBad = this.#match(letter, position + text.length) !== '';
    if (!isBad && /[+-]/.test(this.#template[position + text.length] ?? '')) {
      kind = 'complex';
      text += this.#match(number, position + text.length);
      isBad = this.#match(letter, position + text.length) !== '' || !text.endsWith('i');
    }
    if (!isBad) {
      return { kind, text, position };
    }
    const bad = text + this.#match(letter, position + text.length);
    return { kind: 'error', text: `bad number syntax: ${goQuote(bad)}`, position };
  }

  /** A name, a field or a variable; it must end where something else can begin. */
  #word(text: string, position: number): Token {
    const end = position + text.length;
    const next = this.#template.codePointAt(end);
    if (next !== undefined && !this.#endsWord(end)) {
      const name = characterName(String.fromCodePoint(next));
      return { kind: 'error', text: `bad character ${name}`, position };
    }
    return { kind: kindOfWord(text), text, position };
  }

  #endsWord(position: number): boolean {
    const next = this.#template[position] ?? '';
    return `${spaces}.,|:()`.includes(next) || this.#template.startsWith('}}', position);
  }

  #match(pattern: RegExp, position: number): string {
    pattern.lastIndex = position;
    return pattern.exec(this.#template)?.[0] ?? '';
  }
}

function kindOfWord(text: string): TokenKind {
  if (text.startsWith('$')) {
    return 'variable';
  }
  if (text.startsWith('.')) {
    return text === '.' ? 'dot' : 'field';
  }
  if (text === 'nil') {
    return 'nil';
  }
  return keywords.includes(text) ? 'keyword' : text === 'true' || text === 'false' ? 'boolean' : 'identifier';
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && character !== '' && spaces.includes(character);
}

function trailingSpaces(text: string): number {
  let count = 0;
  while (isSpace(text[text.length - 1 - count])) {
    count += 1;
  }
  return count;
}

/** A character as Go's `%#U` writes it. */
function characterName(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(character) ? `U+${code}` : `U+${code} '${character}'`;
}
