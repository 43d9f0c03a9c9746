import { type DocumentOptions, type ParseOptions, parse, type SchemaOptions } from 'yaml';

/**
 * Characters of YAML that are read. The parser takes some ten microseconds a character on text that is made for it, and
 * everything else waits meanwhile; a Dataplane with twenty outbounds has some 3,000. JSON has no such limit.
 */
export const maxYamlLength = 8192;

/** Deeper than any document, and far from where the parser's recursion runs out of stack and takes the process along. */
const maxDepth = 64;
/** Columns of indentation. */
const maxIndent = 256;
/** Nesting that a line may open by itself: `- - - a` is a list of lists of lists. */
const maxIndicators = 16;

const openers: ReadonlySet<string> = new Set(['[', '{']);
const closers: ReadonlySet<string> = new Set([']', '}']);

/** How deep brackets nest; those inside of texts count, which errs on the safe side. */
function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (openers.has(character)) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (closers.has(character)) {
      depth = Math.max(0, depth - 1);
    }
  }
  return deepest;
}

/** What a line starts with: its indentation, and indicators of lists and maps with their blanks. */
function lead(line: string): string {
  return /^(?:\s*[-?:](?=\s|$))*\s*/.exec(line)?.[0] ?? '';
}

/** How YAML is read, beside its bounds. */
export type YamlDialect = Pick<
  ParseOptions & DocumentOptions & SchemaOptions,
  'version' | 'uniqueKeys' | 'stringKeys' | 'customTags'
>;

/**
 * Reads YAML of strangers: short, and nested no deeper than documents are.
 *
 * @param maxLength characters of YAML; {@link maxYamlLength} unless told.
 * @param dialect what of YAML is read in another way than YAML 1.2 does.
 * @throws Error where it is longer or deeper than that, or no YAML.
 */
export function parseSmallYaml(
  text: string,
  maxLength: number = maxYamlLength,
  dialect: YamlDialect = {},
): unknown {
  if (text.length > maxLength) {
    throw new Error(`YAML may have at most ${maxLength} characters, got ${text.length}; use JSON`);
  }
  const leads = text.split(/[\r\n]/).map(lead);
  const deep = leads.some(
    (start) => start.length > maxIndent || (start.match(/[-?:]/g) ?? []).length > maxIndicators,
  );
  if (deep || bracketDepth(text) > maxDepth) {
    throw new Error(`YAML may nest at most ${maxDepth} levels`);
  }
  // Pretty errors quote the text once for each error, of which there may be thousands.
  return parse(text, { ...dialect, maxAliasCount: 16, prettyErrors: false, logLevel: 'error' });
}
