import { describe, expect, it } from 'vitest';
import { parseTemplate } from './parse.ts';
import { TemplateError } from './template-error.ts';

const functions = new Set(['label', 'print']);

function problem(template: string): string | undefined {
  try {
    parseTemplate(template, functions);
    return undefined;
  } catch (error) {
    return error instanceof TemplateError ? error.message.replace('template: :1: ', '') : String(error);
  }
}

describe('parseTemplate', () => {
  it.each([
    '',
    'plain }} text',
    '{{ .Name }}.{{ .Zone }}',
    '{{- .Name -}} x',
    '{{\t.A\r\n}}',
    '{{/* comment */}}{{- /* with }} in it */ -}} x',
    '{{ label "a" | print `b` }}',
    '{{ .A | }}',
    '{{ print (label "a").B (.C.D) nil }}',
    '{{ $.A }}{{ $x := .A }}{{ $x = "b" }}{{ $x.B }}',
    "{{ 'a' }}{{ '\\n' }}{{ '\\'' }}{{ 'é' }}",
    '{{ "\\x41\\101\\u00e9\\U0001F600\\a\\"" }}',
    '{{ 0 }}{{ -5 }}{{ +5 }}{{ 1_000 }}{{ 0x1F }}{{ 0b1 }}{{ 0o7 }}{{ 017 }}{{ .5 }}{{ 1. }}{{ 1.5e-3 }}{{ 0x1p4 }}',
    '{{ if .A }}a{{ else if .B }}b{{ else }}c{{ end }}',
    '{{ with $x := .A }}{{ $x }}{{ else with .B }}{{ . }}{{ end }}',
    '{{ .é }}',
  ])('takes %j', (template) => {
    expect(problem(template)).toBeUndefined();
  });

  it.each([
    ['{{', 'unclosed action'],
    ['{{ .Name', 'unclosed action'],
    ['{{ if .A }}{{ end', 'unclosed action'],
    ['{{ .A }', 'unexpected "}" in operand'],
    ['{{.A}', "bad character U+007D '}'"],
    ['{{ .A→ }}', "bad character U+2192 '→'"],
    ['{{ → }}', "unrecognized character in action: U+2192 '→'"],
    ['{{ \u0001 }}', 'unrecognized character in action: U+0001'],
    ['{{/* x }}', 'unclosed comment'],
    ['{{/* x */ .A }}', 'comment ends before closing delimiter'],
    ['{{ /* x */ }}', 'unexpected "/" in command'],
    ['{{ }}', 'missing value for command'],
    ['{{ () }}', 'missing value for parenthesized pipeline'],
    ['{{ (.A }}', 'unclosed left paren'],
    ['{{ .A) }}', 'unexpected right paren'],
    ['{{ | .A }}', 'unexpected "|" in command'],
    ['{{ .A | 5 }}', 'non executable command in pipeline stage 2'],
    ['{{ .A | nil }}', 'non executable command in pipeline stage 2'],
    ['{{ nope }}', 'function "nope" not defined'],
    ['{{ $x }}', 'undefined variable "$x"'],
    ['{{ if $x := .A }}{{ end }}{{ $x }}', 'undefined variable "$x"'],
    ['{{ $x, $y := .A }}', 'too many declarations in command'],
    ['{{ range $i, $x, $y := .A }}{{ end }}', 'too many declarations in range'],
    ['{{ range $i, .A }}{{ end }}', 'range can only initialize variables'],
    ['{{ : }}', 'expected :='],
    ['{{ := }}', 'unexpected ":=" in command'],
    ['{{ .. }}', 'unexpected <.> in operand'],
    ['{{ .A, }}', 'unexpected "," in operand'],
    ['{{ true.A }}', 'unexpected . after term "true"'],
    ['{{ "a".B }}', 'unexpected . after term "\\"a\\""'],
    ['{{ "a }}', 'unterminated quoted string'],
    ['{{ "a\nb" }}', 'unterminated quoted string'],
    ['{{ `a }}', 'unterminated raw quoted string'],
    ["{{ 'a }}", 'unterminated character constant'],
    ["{{ 'ab' }}", "malformed character constant: 'ab'"],
    ["{{ '' }}", 'invalid syntax'],
    ['{{ "\\q" }}', 'invalid syntax'],
    ['{{ "\\ud800" }}', 'invalid syntax'],
    ['{{ 5x }}', 'bad number syntax: "5x"'],
    ['{{ 5.Foo }}', 'bad number syntax: "5.F"'],
    ['{{ 1+2 }}', 'bad number syntax: "1+2"'],
    ['{{ - .A }}', 'illegal number syntax: "-"'],
    ['{{ 0x }}', 'illegal number syntax: "0x"'],
    ['{{ 1e400 }}', 'illegal number syntax: "1e400"'],
    ['{{ 08 }}', 'integer overflow: "08"'],
    ['{{ 99999999999999999999 }}', 'integer overflow: "99999999999999999999"'],
    ['{{ end }}', 'unexpected {{end}}'],
    ['{{ else }}', 'unexpected {{else}}'],
    ['{{ if .A }}x', 'unexpected EOF'],
    ['{{ if }}x{{ end }}', 'missing value for if'],
    ['{{ if .A }}{{ else }}{{ else }}{{ end }}', 'expected end; found {{else}}'],
    ['{{ with .A }}{{ else if .B }}{{ end }}', 'unexpected <if> in input'],
    ['{{ end .A }}', 'unexpected ".A" in end'],
    ['{{ if .A }}{{ define "a" }}{{ end }}{{ end }}', 'unexpected <define> in command'],
    ['{{ define x }}{{ end }}', 'unexpected "x" in define clause'],
    ['{{ define "x" }}', 'unexpected EOF'],
    ['{{ template }}', 'unexpected "}}" in template clause'],
    ['{{ block "x" }}{{ end }}', 'missing value for block clause'],
    ['{{ block "x" . }}{{ else }}', 'unexpected {{else}} in block clause'],
    ['{{ break }}', '{{break}} outside {{range}}'],
    ['{{ range .A }}{{ block "x" . }}{{ continue }}{{ end }}{{ end }}', '{{continue}} outside {{range}}'],
    ['{{ "elevencharacters" := }}', 'unexpected ":=" in operand'],
    ['{{ .A "x":="y" }}', 'unexpected ":=" in operand'],
    ['{{ template elevenletters }}', 'unexpected "elevenlett"... in template clause'],
  ])('refuses %j as Go does: %s', (template, message) => {
    expect(problem(template)).toBe(message);
  });

  it.each([
    ['{{ range .A }}{{ break }}{{ else }}{{ end }}', '{{range}} is not supported'],
    ['{{ define "x" }}{{ end }}', '{{define}} is not supported'],
    ['{{ template "x" . }}', '{{template}} is not supported'],
    ['{{ template "x" }}', '{{template}} is not supported'],
    ['{{ block "x" . }}{{ end }}', '{{block}} is not supported'],
    ['{{ html .A }}', 'the function html is not supported'],
    ['{{ 1i }}', 'the number 1i is not supported'],
    ['{{ 1+2i }}', 'the number 1+2i is not supported'],
    ['{{ range .A }}{{ end }}{{ nope }}', 'function "nope" not defined'],
    [`{{ ${'('.repeat(51)}.A${')'.repeat(51)} }}`, 'max expression depth exceeded'],
    [`{{ if .A }}${'{{ else if .A }}'.repeat(51)}{{ end }}`, 'max expression depth exceeded'],
    ['{{ $x := 1 }}'.repeat(50), 'too many variables'],
  ])('refuses %j, which Go takes: %s', (template, message) => {
    expect(problem(template)).toBe(message);
  });

  it('tells the line', () => {
    expect([problem('a\n{{ nope }}'), problem('{{ .A\n'), problem('{{ .A\n "x')]).toEqual([
      'template: :2: function "nope" not defined',
      'template: :2: unclosed action started at :1',
      'template: :2: unterminated quoted string in action started at :1',
    ]);
  });

  it('takes no longer than its text is long', () => {
    const started = performance.now();
    for (const part of ['{{.A}}', '{{ print .A | print }}', '{{/**/}}', '{{ "a" }}', '{{if .A}}{{end}}']) {
      expect(problem(part.repeat(20_000))).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
