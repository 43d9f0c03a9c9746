import Mustache from 'mustache';
import { KumulusError } from '../src/model/errors.ts';

/** What a variable's name leads to: its text, or more names below a dot. */
type View = Map<string, string | View>;

/**
 * Fills a Mustache template. A dot in a variable's name is a level (`{{ site.name }}`). Values come out as they are: this is
 * YAML, so the HTML escaping of Mustache would only spoil them.
 *
 * @param flag how variables are given, for messages.
 * @throws KumulusError `bad_request` for a template that Mustache cannot read, and for variables that were not given (kuma-dp
 *   leaves those empty and starts a proxy with a wrong name).
 */
export function renderTemplate(
  template: string,
  variables: ReadonlyMap<string, string>,
  flag = '--dataplane-var',
): string {
  const view = toView(variables);
  const missing = new Set<string>();
  collectMissing(parse(template), view, missing);
  if (missing.size > 0) {
    const names = [...missing].sort();
    throw new KumulusError(
      'bad_request',
      `the template needs ${names.map((name) => `{{ ${name} }}`).join(', ')}: give ${names.map((name) => `${flag} ${name}=…`).join(' ')}`,
    );
  }
  return Mustache.render(template, toObject(view), undefined, { escape: String });
}

function parse(template: string): readonly Token[] {
  try {
    return Mustache.parse(template).map(toToken);
  } catch (error) {
    throw new KumulusError(
      'bad_request',
      `the template is no valid Mustache: ${error instanceof Error ? error.message : 'unreadable'}`,
    );
  }
}

interface Token {
  readonly kind: string;
  readonly name: string;
  readonly inner: readonly Token[];
}

function toToken(token: unknown): Token {
  const [kind, name, , , inner] = Array.isArray(token) ? token : [];
  return { kind: String(kind), name: String(name), inner: Array.isArray(inner) ? inner.map(toToken) : [] };
}

function collectMissing(tokens: readonly Token[], view: View, missing: Set<string>): void {
  for (const token of tokens) {
    const value = lookUp(view, token.name);
    if (token.kind === '>') {
      throw new KumulusError(
        'bad_request',
        `the template uses a partial, {{> ${token.name} }}, and there are none`,
      );
    }
    if ((token.kind === 'name' || token.kind === '&') && value === undefined && token.name !== '.') {
      missing.add(token.name);
    }
    // A section asks whether a variable is there, so it may be missing; its inside counts only where it is shown.
    const shown = token.kind === '#' ? Boolean(value) : token.kind === '^' && !value;
    if (shown) collectMissing(token.inner, value instanceof Map ? merged(view, value) : view, missing);
  }
}

function merged(outer: View, inner: View): View {
  return new Map([...outer, ...inner]);
}

function lookUp(view: View, name: string): string | View | undefined {
  let value: string | View | undefined = view;
  for (const part of name.split('.')) {
    value = value instanceof Map ? value.get(part) : undefined;
  }
  return value;
}

function toView(variables: ReadonlyMap<string, string>): View {
  const view: View = new Map();
  for (const [name, value] of variables) {
    const parts = name.split('.');
    let level = view;
    for (const part of parts.slice(0, -1)) {
      const next = level.get(part);
      const below: View = next instanceof Map ? next : new Map();
      level.set(part, below);
      level = below;
    }
    level.set(parts.at(-1) ?? name, value);
  }
  return view;
}

/** Objects without a prototype, so that `{{ constructor }}` finds nothing. */
function toObject(view: View): object {
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, value] of view) object[name] = value instanceof Map ? toObject(value) : value;
  return object;
}
