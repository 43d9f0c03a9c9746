import { describe, expect, it } from 'vitest';
import { verdict } from '../spec.case.ts';
import { hostnameGeneratorType } from './hostname-generator.ts';

const template = '{{ .DisplayName }}.{{ label "team" }}.mesh';
const selector = { meshService: { matchLabels: { a: 'b' } } };
const oneSelector = 'exact one selector (meshService, meshExternalService) must be defined';

describe('a HostnameGenerator', () => {
  it.each([
    { selector, template },
    { selector: { meshService: {} }, template: 'static.mesh' },
    { selector: { meshExternalService: {} }, template },
    { selector: { meshMultiZoneService: {} }, template, extension: { type: 'x', config: 5 } },
  ])('may be %j', (spec) => {
    expect(verdict(hostnameGeneratorType, spec)).toEqual([]);
  });

  it.each([
    [{ selector }, [['spec.template', 'in body is required']]],
    [{ template }, [['spec.selector', oneSelector]]],
    [{ selector: {}, template }, [['spec.selector', oneSelector]]],
    [{ selector: { meshService: {}, meshExternalService: {} }, template }, [['spec.selector', oneSelector]]],
    [
      { selector: { meshService: null }, template },
      [['spec.selector.meshService', 'in body must be of type object: "null"']],
    ],
    [
      { selector: { meshService: { matchLabels: { a: null } } }, template },
      [['spec.selector.meshService.matchLabels.a', 'in body must be of type string: "null"']],
    ],
    [{ selector, template: '' }, [['spec.template', 'must not be empty']]],
    [
      { template: '{{ .Nope', extension: { type: '' } },
      [
        ['spec.selector', oneSelector],
        ['spec.template', "couldn't parse template: template: :1: unclosed action"],
        ['spec.extension.type', 'must not be empty'],
      ],
    ],
    [
      { selector, template: '{{ range .Name }}{{ end }}' },
      [['spec.template', "couldn't parse template: template: :1: {{range}} is not supported"]],
    ],
  ])('is refused as %j', (spec, expected) => {
    expect(verdict(hostnameGeneratorType, spec)).toEqual(expected);
  });
});
