import { describe, expect, it } from 'vitest';
import { evaluateTemplate, type TemplateFunction } from './evaluate.ts';
import { commonFunctions } from './functions.ts';
import { parseTemplate } from './parse.ts';
import { EvaluationError } from './template-error.ts';

const shout: TemplateFunction = (value) => {
  if (typeof value !== 'string') {
    throw new Error('is no text');
  }
  return value.toUpperCase();
};
const functions = new Map([...commonFunctions, ['shout', shout] as const]);
const fields = { Name: 'web', Zone: 'east', Empty: '' };

function evaluate(template: string, strict = false): string {
  try {
    const parsed = parseTemplate(template, new Set(functions.keys()));
    return evaluateTemplate(parsed, { fields, functions, strict });
  } catch (error) {
    return error instanceof EvaluationError ? error.message : String(error);
  }
}

describe('evaluateTemplate', () => {
  it.each([
    ['{{ .Name }}.{{ .Zone }}', 'web.east'],
    ['a {{- .Name -}} b', 'awebb'],
    ['{{/* x */}}{{ "a\\tb" }}{{ `c` }}', 'a\tbc'],
    ['{{ 5 }} {{ 0x10 }} {{ 1.5 }} {{ true }}', '5 16 1.5 true'],
    ["{{ 'a' }}", '97'],
    ['{{ shout .Name }}{{ .Zone | shout }}', 'WEBEAST'],
    ['{{ printf "%s-%d %v %q %%" .Name 5 true "x" }}', 'web-5 true "x" %'],
    ['{{ if .Empty }}a{{ else if .Name }}b{{ else }}c{{ end }}', 'b'],
    ['{{ with .Name }}{{ . }}{{ end }}{{ with .Empty }}{{ . }}{{ else }}none{{ end }}', 'webnone'],
    ['{{ $x := .Name }}{{ if .Zone }}{{ $x = "b" }}{{ $y := "c" }}{{ $y }}{{ end }}{{ $x }}', 'cb'],
    ['{{ $x := "a" }}{{ with .Zone }}{{ $x := "b" }}{{ $x }}{{ $.Name }}{{ end }}{{ $x }}', 'bweba'],
    ['{{ and .Name .Empty }}|{{ or .Empty .Zone }}|{{ not .Name }}', '|east|false'],
    ['{{ eq .Name "a" "web" }} {{ ne 1 2 }} {{ lt "a" "b" }} {{ len .Name }}', 'true true true 3'],
    ['{{ .Nope }}', '<no value>'],
    ['{{ print nil }}', '<nil>'],
  ])('makes of %j: %s', (template, text) => {
    expect(evaluate(template)).toBe(text);
  });

  it.each([
    ['{{ .Name.X }}', 'template: :1:8: executing "" at <.Name.X>: can\'t evaluate field X in type string'],
    ['a\n{{ .Name 5 }}', 'template: :2:3: executing "" at <.Name>: Name is not a method but has arguments'],
    ['{{ nil }}', 'template: :1:3: executing "" at <nil>: nil is not a command'],
    ['{{ shout 5 }}', 'template: :1:3: executing "" at <shout 5>: error calling shout: is no text'],
  ])('fails with %j as Go does', (template, message) => {
    expect(evaluate(template)).toBe(message);
  });

  it('takes fields that are not there for errors where it is told', () => {
    expect(evaluate('{{ if .Nope }}a{{ end }}', true)).toContain("can't evaluate field Nope in type");
    expect(evaluate('{{ .Name }}', true)).toBe('web');
  });

  it('ends where the text grows without bounds', () => {
    const doubling = '{{ $x = printf "%s%s" $x $x }}'.repeat(30);
    expect(evaluate(`{{ $x := "0123456789" }}${doubling}`)).toContain('longer than 65536 characters');
    const long = `{{ $x := "${'0'.repeat(60_000)}" }}`;
    expect(evaluate(long + '{{ $x }}'.repeat(10_000))).toContain('longer than 65536 characters');
  });
});
