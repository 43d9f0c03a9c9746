import { describe, expect, it } from 'vitest';
import { renderTemplate } from './template.ts';
import { readVariables } from './template-variables.ts';

const render = (template: string, ...variables: string[]) =>
  renderTemplate(template, readVariables(variables));

describe('renderTemplate', () => {
  it.each([
    ['{{ a }}', ['a=1'], '1'],
    ['{{a}}-{{ b.c }}-{{b.d}}', ['a=1,b.c=2', 'b.d=3'], '1-2-3'],
    ['{{ a }}', ['a=<x> & "y"'], '<x> & "y"'],
    ['{{{ a }}}', ['a=x=y'], 'x=y'],
    ['no variables', [], 'no variables'],
    ['{{#tls}}on{{/tls}}{{^tls}}off{{/tls}}', [], 'off'],
    ['{{#tls}}on {{ port }}{{/tls}}', ['tls=yes,port=8'], 'on 8'],
    ['{{#site}}{{ name }}{{/site}}', ['site.name=a'], 'a'],
    ['{{! a comment }}x', [], 'x'],
  ])('fills %s with %j', (template, variables, expected) => {
    expect(render(template, ...variables)).toBe(expected);
  });

  it.each([
    [
      '{{ b }} {{ a }} {{ a }}',
      'the template needs {{ a }}, {{ b }}: give --dataplane-var a=… --dataplane-var b=…',
    ],
    ['{{#on}}{{ port }}{{/on}}', 'the template needs {{ port }}: give --dataplane-var port=…'],
    ['{{ constructor }}', 'the template needs {{ constructor }}: give --dataplane-var constructor=…'],
    ['{{ __proto__.x }}', 'the template needs {{ __proto__.x }}: give --dataplane-var __proto__.x=…'],
    ['{{ a', 'the template is no valid Mustache: Unclosed tag at 4'],
    ['{{> other }}', 'the template uses a partial, {{> other }}, and there are none'],
  ])('refuses %s', (template, message) => {
    expect(() => render(template, 'on=1')).toThrow(message);
  });

  it('does not let a variable change what all objects have', () => {
    expect(render('{{ a }}', '__proto__.polluted=1', 'a=1')).toBe('1');
    expect('polluted' in {}).toBe(false);
  });
});

describe('readVariables', () => {
  it.each([
    [['a=1,2'], { a: '1,2' }],
    [['a=1,b=2'], { a: '1', b: '2' }],
    [['a=1', 'a=2'], { a: '2' }],
    [['a='], { a: '' }],
  ])('reads %j as kuma-dp does', (values, expected) => {
    expect(Object.fromEntries(readVariables(values))).toEqual(expected);
  });

  it.each(['a', '=1', 'a=1,b,c=2'])('refuses %s', (value) => {
    expect(() => readVariables([value])).toThrow(/must be key=value$/);
  });
});
