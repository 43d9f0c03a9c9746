import {
  readBracketClass,
  readEscape,
  SyntaxProblem,
  type TextCursor,
  textCursor,
} from './regular-expression-class.ts';

/** The highest count of a repetition, also of repetitions within one another. */
const mostRepetitions = 1000;
/** How deep groups nest at most. */
const maxDepth = 1000;

/** A group that is being read, or the whole expression. */
interface Group {
  /** Whether there is something that a repetition could stand behind. */
  operand: boolean;
  /** Whether that is a repetition itself; those do not stack. */
  repeated: boolean;
  /** How often the last operand repeats what is in it. */
  weight: number;
  /** The highest of the weights in this group. */
  heaviest: number;
}

/**
 * Tells what is wrong with a regular expression for Go, and but for small differences for Envoy, which both use RE2
 * (https://github.com/google/re2/wiki/Syntax); undefined where nothing is. The syntax is checked, nothing is matched.
 */
export function patternProblem(pattern: string): string | undefined {
  try {
    check(textCursor(pattern));
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxProblem) {
      return `error parsing regexp: ${error.message}: \`${pattern}\``;
    }
    throw error;
  }
}

function check(cursor: TextCursor): void {
  const groups: Group[] = [];
  let group = newGroup();
  while (!cursor.done) {
    if (cursor.skip(/\(/y)) {
      if (cursor.skip(/\?[imsU]*(?:-[imsU]+)?\)/y)) {
        group.repeated = false;
        continue;
      }
      openGroup(cursor);
      groups.push(group);
      group = newGroup();
      if (groups.length > maxDepth) {
        throw new SyntaxProblem('expression nests too deeply');
      }
    } else if (cursor.skip(/\)/y)) {
      const outer = groups.pop();
      if (outer === undefined) {
        throw new SyntaxProblem('unexpected )');
      }
      addOperand(outer, group.heaviest);
      group = outer;
    } else if (cursor.skip(/\|/y)) {
      group = { ...newGroup(), heaviest: group.heaviest };
    } else if (!readRepetition(cursor, group)) {
      readAtom(cursor);
      addOperand(group, 1);
    }
  }
  if (groups.length > 0) {
    throw new SyntaxProblem('missing closing )');
  }
}

function newGroup(): Group {
  return { operand: false, repeated: false, weight: 1, heaviest: 1 };
}

function addOperand(group: Group, weight: number): void {
  group.operand = true;
  group.repeated = false;
  group.weight = weight;
  group.heaviest = Math.max(group.heaviest, weight);
}

/** What may follow the parenthesis of a group. */
function openGroup(cursor: TextCursor): void {
  if (cursor.skip(/\?P?</y)) {
    if (!cursor.skip(/\w+>/y)) {
      throw new SyntaxProblem('invalid named capture');
    }
  } else if (cursor.skip(/\?/y) && !cursor.skip(/[imsU]*(?:-[imsU]+)?:/y)) {
    throw new SyntaxProblem('invalid or unsupported Perl syntax');
  }
}

/** Reads `*`, `+`, `?` or `{2,3}`; false where there is none. Braces that hold no counts stand for themselves. */
function readRepetition(cursor: TextCursor, group: Group): boolean {
  const counts = cursor.skip(/\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y);
  if (counts === undefined && cursor.skip(/[*+?]/y) === undefined) {
    return false;
  }
  const least = Number(counts?.[1] ?? 0);
  const most = counts === undefined ? 0 : counts[2] === undefined ? least : Number(counts[3] ?? 0);
  if (least > mostRepetitions || most > mostRepetitions || (counts?.[3] !== undefined && least > most)) {
    throw new SyntaxProblem('invalid repeat count');
  }
  if (!group.operand) {
    throw new SyntaxProblem('missing argument to repetition operator');
  }
  cursor.skip(/\?/y);
  if (group.repeated) {
    throw new SyntaxProblem('invalid nested repetition operator');
  }
  const weight = group.weight * Math.max(1, most, counts?.[2] !== undefined && most === 0 ? least : 0);
  if (weight > mostRepetitions && (least >= 2 || most >= 2)) {
    throw new SyntaxProblem('invalid repeat count');
  }
  addOperand(group, weight);
  group.repeated = true;
  return true;
}

/** Reads what matches something by itself: a character, a class, an escape. */
function readAtom(cursor: TextCursor): void {
  if (cursor.skip(/\[/y)) {
    readBracketClass(cursor);
  } else if (cursor.skip(/\\Q/y)) {
    cursor.skip(/[\s\S]*?(?:\\E|$)/y);
  } else if (cursor.skip(/\\[AbBz]/y)) {
    // A place between characters, which may be repeated like one.
    return;
  } else if (cursor.skip(/\\/y)) {
    readEscape(cursor);
  } else {
    cursor.skip(/[\s\S]/uy);
  }
}
