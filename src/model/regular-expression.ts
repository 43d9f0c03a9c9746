/** What RE2 does not have and JavaScript does: looking around and references back. */
const beyondRe2 = /\(\?<?[=!]|\\[1-9]|\\k</;

/**
 * Tells what is wrong with a regular expression for Envoy and Go, which both use RE2
 * (https://github.com/google/re2/wiki/Syntax); undefined where nothing is. The syntax is checked, nothing is matched.
 */
export function patternProblem(pattern: string): string | undefined {
  const escaped = pattern.replace(/\\[\s\S]/g, (pair) => (/[1-9k]/.test(pair) ? pair : '_'));
  if (beyondRe2.test(escaped)) {
    return `error parsing regexp: invalid or unsupported Perl syntax: ${quote(pattern)}`;
  }
  try {
    new RegExp(toJavaScript(pattern));
    return undefined;
  } catch {
    return `error parsing regexp: ${quote(pattern)}`;
  }
}

/** Replaces what RE2 spells in its own way by something of the same shape. */
function toJavaScript(pattern: string): string {
  return pattern
    .replace(/\\Q[\s\S]*?(?:\\E|$)/g, 'q')
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?[imsU]*(?:-[imsU]+)?\)/g, '')
    .replace(/\(\?[imsU]*(?:-[imsU]+)?:/g, '(?:')
    .replace(/\[:\^?[a-z]+:\]/g, 'a');
}

function quote(text: string): string {
  return `\`${text}\``;
}
