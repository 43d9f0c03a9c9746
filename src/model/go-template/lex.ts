import { goQuote } from '../go-quote.ts';
import { TemplateError } from './template-error.ts';

/** What stands between `{{` and `}}`. */
export type TokenKind =
  | 'field'
  | 'dot'
  | 'identifier'
  | 'string'
  | 'number'
  | 'variable'
  | 'space'
  | '|'
  | '('
  | ')'
  | 'character'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it starts, in characters of the template. */
  readonly position: number;
}

/** A template cut into texts and actions. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[] };

const spaces = ' \t\r\n';
const word = /^[\p{L}\p{Nd}_]*/u;
const number = /^[+-]?(?:0[xX][\da-fA-F_]+|[\d_]*\.?[\d_]+(?:[eE][+-]?\d+)?)/;
const quoted = /^"(?:[^"\\\n]|\\[^\n])*"/;
const symbols = ['|', '(', ')'] as const;

/**
 * Cuts a template of Go's `text/template` into texts and actions, without the space that trim markers take away and
 * without comments.
 *
 * @throws TemplateError in the words of Go.
 */
export function lexTemplate(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  let trimNext = false;
  for (;;) {
    const start = template.indexOf('{{', position);
    const text = template.slice(position, start < 0 ? undefined : start);
    const trimmed = trimNext ? text.trimStart() : text;
    if (start < 0) {
      return trimmed === '' ? pieces : [...pieces, { kind: 'text', text: trimmed }];
    }
    const trims = /^-\s/.test(template.slice(start + 2, start + 4));
    const kept = trims ? trimmed.trimEnd() : trimmed;
    if (kept !== '') {
      pieces.push({ kind: 'text', text: kept });
    }
    const inside = start + (trims ? 4 : 2);
    const action = template.startsWith('/*', inside)
      ? lexComment(template, inside)
      : lexAction(template, inside);
    if (action.tokens !== undefined) {
      pieces.push({ kind: 'action', tokens: action.tokens });
    }
    position = action.next;
    trimNext = action.trims;
  }
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined;
  readonly next: number;
  /** The space after it does not count. */
  readonly trims: boolean;
}

function lexComment(template: string, start: number): Action {
  const end = template.indexOf('*/', start);
  if (end < 0) {
    throw new TemplateError(template, start, 'unclosed comment');
  }
  const closing = closingAt(template, end + 2);
  if (closing === undefined) {
    throw new TemplateError(template, end, 'comment ends before closing delimiter');
  }
  return { tokens: undefined, ...closing };
}

/** Whether `}}` or ` -}}` stands at a place, and what follows it. */
function closingAt(template: string, position: number): Omit<Action, 'tokens'> | undefined {
  if (template.startsWith('}}', position)) {
    return { next: position + 2, trims: false };
  }
  const trims = /^\s-\}\}/.test(template.slice(position, position + 4));
  return trims ? { next: position + 4, trims: true } : undefined;
}

function lexAction(template: string, start: number): Action {
  const tokens: Token[] = [];
  let position = start;
  let depth = 0;
  for (;;) {
    const closing = closingAt(template, position);
    if (closing !== undefined) {
      if (depth > 0) {
        throw new TemplateError(template, position, 'unclosed left paren');
      }
      tokens.push({ kind: 'end', text: '}}', position });
      return { tokens, ...closing };
    }
    const token = nextToken(template, position);
    depth += token.kind === '(' ? 1 : token.kind === ')' ? -1 : 0;
    if (depth < 0) {
      throw new TemplateError(template, position, 'unexpected right paren');
    }
    tokens.push(token);
    position += token.text.length;
  }
}

function nextToken(template: string, position: number): Token {
  const rest = template.slice(position);
  const first = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  const token = (kind: TokenKind, text: string): Token => ({ kind, text, position });
  if (rest === '') {
    throw new TemplateError(template, position, 'unclosed action');
  }
  if (spaces.includes(first)) {
    // A space may belong to the trim marker that closes the action.
    const length = /^\s*?(?=\s-\}\}|\S|$)/.exec(rest)?.[0].length ?? 1;
    return token('space', rest.slice(0, Math.max(length, 1)));
  }
  const symbol = symbols.find((each) => each === first);
  if (symbol !== undefined) {
    return token(symbol, symbol);
  }
  if (first === '"' || first === '`') {
    return token('string', lexString(template, position));
  }
  if (/^(?:\.\d|[+-]|\d)/.test(rest)) {
    return token('number', lexNumber(template, position));
  }
  if (first === '.' || first === '$') {
    const name = word.exec(rest.slice(1))?.[0] ?? '';
    requireTerminator(template, position + 1 + name.length);
    const kind = first === '$' ? 'variable' : name === '' ? 'dot' : 'field';
    return token(kind, first + name);
  }
  const name = word.exec(rest)?.[0] ?? '';
  if (name !== '') {
    requireTerminator(template, position + name.length);
    return token('identifier', name);
  }
  if (!/[!-~]/.test(first)) {
    throw new TemplateError(template, position, `unrecognized character in action: ${characterName(first)}`);
  }
  return token('character', first);
}

function lexString(template: string, position: number): string {
  const rest = template.slice(position);
  const text = rest.startsWith('"') ? quoted.exec(rest)?.[0] : /^`[^`]*`/.exec(rest)?.[0];
  if (text === undefined) {
    const raw = rest.startsWith('`') ? 'raw ' : '';
    throw new TemplateError(template, position, `unterminated ${raw}quoted string`);
  }
  return text;
}

function lexNumber(template: string, position: number): string {
  const rest = template.slice(position);
  const text = number.exec(rest)?.[0] ?? rest.slice(0, 1);
  const after = /^[\p{L}\p{Nd}_]/u.exec(rest.slice(text.length))?.[0] ?? '';
  if (after !== '' || !/\d/.test(text)) {
    throw new TemplateError(template, position, `bad number syntax: ${goQuote(text + after)}`);
  }
  return text;
}

/** A name must end where something else can begin. */
function requireTerminator(template: string, position: number): void {
  const next = template.slice(position, position + 1);
  if (next !== '' && !' \t\r\n.,|:()'.includes(next) && !template.startsWith('}}', position)) {
    const character = String.fromCodePoint(template.codePointAt(position) ?? 0);
    throw new TemplateError(template, position, `bad character ${characterName(character)}`);
  }
}

/** A character as Go's `%#U` writes it. */
function characterName(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /\p{C}/u.test(character) ? `U+${code}` : `U+${code} '${character}'`;
}
