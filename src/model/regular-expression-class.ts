/** What is wrong with a regular expression, in RE2's words. */
export class SyntaxProblem extends Error {}

/** A place in a text that is read from left to right. */
export interface TextCursor {
  readonly done: boolean;
  /** Goes on behind what the sticky expression matches here; undefined, and no step, where it matches nothing. */
  skip(expression: RegExp): RegExpExecArray | undefined;
}

export function textCursor(text: string): TextCursor {
  let position = 0;
  return {
    get done() {
      return position >= text.length;
    },
    skip(expression) {
      expression.lastIndex = position;
      const match = expression.exec(text) ?? undefined;
      position += match?.[0].length ?? 0;
      return match;
    },
  };
}

const perlClass = /[dDsSwW]/y;
const namedClass = /[pP](?:\{\^?([^}]*)\}|([^{]))/uy;
const posixClass = /\[:([\s\S]{0,64}?):\]/y;
const posixNames =
  /^\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/;

/** Reads the rest of an escape that is not within brackets. */
export function readEscape(cursor: TextCursor): void {
  if (cursor.skip(perlClass) === undefined && !readNamedClass(cursor)) {
    readEscapedCharacter(cursor);
  }
}

/** Reads the rest of a class in brackets. */
export function readBracketClass(cursor: TextCursor): void {
  cursor.skip(/\^/y);
  for (let first = true; first || cursor.skip(/\]/y) === undefined; first = false) {
    if (cursor.done) {
      throw new SyntaxProblem('missing closing ]');
    }
    readClassItem(cursor);
  }
}

function readClassItem(cursor: TextCursor): void {
  const posix = cursor.skip(posixClass);
  if (posix !== undefined) {
    if (!posixNames.test(posix[1] ?? '')) {
      throw new SyntaxProblem('invalid character class range');
    }
    return;
  }
  if (cursor.skip(/\\[dDsSwW]/y) !== undefined) {
    return;
  }
  if (cursor.skip(/\\(?=[pP])/y) !== undefined && readNamedClass(cursor)) {
    return;
  }
  const lowest = readClassCharacter(cursor);
  if (cursor.skip(/-(?=[^\]])/y) !== undefined && readClassCharacter(cursor) < lowest) {
    throw new SyntaxProblem('invalid character class range');
  }
}

/** @returns the character's code point. */
function readClassCharacter(cursor: TextCursor): number {
  if (cursor.skip(/\\/y) !== undefined) {
    return readEscapedCharacter(cursor);
  }
  const character = cursor.skip(/[\s\S]/uy);
  if (character === undefined) {
    throw new SyntaxProblem('missing closing ]');
  }
  return character[0].codePointAt(0) ?? 0;
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** @returns the code point of the character that the escape stands for. */
function readEscapedCharacter(cursor: TextCursor): number {
  if (cursor.done) {
    throw new SyntaxProblem('trailing backslash at end of expression');
  }
  const octal = cursor.skip(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
  if (octal !== undefined) {
    return Number.parseInt(octal[0], 8);
  }
  const hexadecimal = cursor.skip(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/y);
  const code = Number.parseInt(hexadecimal?.[1] ?? hexadecimal?.[2] ?? '0', 16);
  if (code > 0x10ffff) {
    throw new SyntaxProblem('invalid escape sequence');
  }
  if (hexadecimal !== undefined) {
    return code;
  }
  const [character] = cursor.skip(/[afnrtv]|[^A-Za-z0-9\u0080-\u{10ffff}]/uy) ?? [];
  if (character === undefined) {
    throw new SyntaxProblem('invalid escape sequence');
  }
  return controls[character] ?? character.charCodeAt(0);
}

/** Reads the rest of `\pL` or `\p{Greek}`; false where there is none. */
function readNamedClass(cursor: TextCursor): boolean {
  const match = cursor.skip(namedClass);
  if (match === undefined) {
    if (cursor.skip(/[pP]/y) !== undefined) {
      throw new SyntaxProblem('invalid character class range');
    }
    return false;
  }
  if (!isUnicodeClass(match[1] ?? match[2] ?? '')) {
    throw new SyntaxProblem('invalid character class range');
  }
  return true;
}

/** Whether there is such a category or script of Unicode. Case, blanks and hyphens do not count. */
function isUnicodeClass(name: string): boolean {
  const words = name.toLowerCase().split(/[\s_-]+/);
  const title = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('_');
  const names = [title, `Script=${title}`, name.toUpperCase(), name.toLowerCase()];
  return /^[\w\s-]+$/.test(name) && names.some(isProperty);
}

function isProperty(expression: string): boolean {
  try {
    new RegExp(`^\\p{${expression}}`, 'u');
    return true;
  } catch {
    return false;
  }
}
