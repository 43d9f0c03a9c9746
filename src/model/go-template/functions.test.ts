import { describe, expect, it } from 'vitest';
import { evaluateTemplate } from './evaluate.ts';
import { commonFunctions } from './functions.ts';
import { parseTemplate } from './parse.ts';
import { EvaluationError } from './template-error.ts';

const fields = { name: 'dummy', zone: '1' };

function evaluate(expression: string): string {
  const template = parseTemplate(`{{${expression}}}`, new Set(commonFunctions.keys()));
  return evaluateTemplate(template, { fields, functions: commonFunctions });
}

/** What Go says, after the place of the mistake. */
function problem(expression: string): string | undefined {
  try {
    evaluate(expression);
    return undefined;
  } catch (error) {
    return error instanceof EvaluationError
      ? error.message.replace(/^template: :1:\d+: executing "" at </, '<')
      : String(error);
  }
}

describe('the functions of templates', () => {
  it.each([
    ['and 1 0 .name', '0'],
    ['and 1 .name', 'dummy'],
    ['or "" 0 .name', 'dummy'],
    ['or "a" (index .nothing 1)', 'a'],
    ['not .nothing', 'true'],
    ['eq .name "a" "dummy"', 'true'],
    ['eq .nothing "a"', 'false'],
    ['eq .nothing nil', 'true'],
    ['ne .nothing "a"', 'true'],
    ['lt "a" "b"', 'true'],
    ['le 1 1', 'true'],
    ['gt 1 2', 'false'],
    ['ge "b" "a"', 'true'],
    ['len .name', '5'],
    ['len "é"', '2'],
    ['len .', '2'],
    ['index . "name"', 'dummy'],
    ['index . "constructor"', ''],
    ['index .name 1', '117'],
    ['slice .name 2', 'mmy'],
    ['slice .name 1 3', 'um'],
    ['print 1 2 "a" "b" 3 nil', '1 2ab3 <nil>'],
    ['println "a" 1', 'a 1\n'],
    ['printf "%s-%v-%d-%t-%q-%%" .name 1 2 true "a\\"b"', 'dummy-1-2-true-"a\\"b"-%'],
    ['printf "%d" .name', '%!d(string=dummy)'],
    ['printf "%s" .nothing', '%!s(<nil>)'],
    ['printf "%v %s" 1', '1 %!s(MISSING)'],
    ['printf "%s" 1 2', '%!s(int=1)%!(EXTRA int=2)'],
  ])('%s', (expression, text) => {
    expect(evaluate(expression)).toBe(text);
  });

  it.each([
    ['eq', '<eq>: wrong number of args for eq: want at least 1 got 0'],
    ['not 1 2', '<not>: wrong number of args for not: want 1 got 2'],
    ['.name | ne', '<ne>: wrong number of args for ne: want 2 got 1'],
    ['eq .name', '<eq .name>: error calling eq: missing argument for comparison'],
    ['eq .name 1', '<eq .name 1>: error calling eq: incompatible types for comparison: string and int'],
    ['eq . .', '<eq . .>: error calling eq: non-comparable type map[name:dummy zone:1]: map[string]string'],
    ['lt true false', '<lt true false>: error calling lt: invalid type for comparison'],
    ['lt .nothing "a"', '<lt .nothing "a">: error calling lt: invalid type for comparison'],
    ['lt "a" 1', '<lt "a" 1>: error calling lt: incompatible types for comparison: string and int'],
    ['len 5', '<len 5>: error calling len: len of type int'],
    ['index . 1', '<index . 1>: error calling index: value has type int; should be string'],
    ['index . nil', '<index . nil>: error calling index: value is nil; should be of type string'],
    ['index .name 5', '<index .name 5>: error calling index: index out of range: 5'],
    ['index .name "a"', '<index .name "a">: error calling index: cannot index slice/array with type string'],
    ['index 5 1', "<index 5 1>: error calling index: can't index item of type int"],
    ['slice .name 3 2', '<slice .name 3 2>: error calling slice: invalid slice index: 3 > 2'],
    ['slice .name 6', '<slice .name 6>: error calling slice: index out of range: 6'],
    ['slice . 1', "<slice . 1>: error calling slice: can't slice item of type map[string]string"],
    ['slice .name 1 2 3', '<slice .name 1 2 3>: error calling slice: cannot 3-index slice a string'],
    [
      'printf "%9999999d" 1',
      '<printf "%9999999d" 1>: error calling printf: the directive "%9" is not supported',
    ],
  ])('%s fails', (expression, message) => {
    expect(problem(expression)).toBe(message);
  });
});
