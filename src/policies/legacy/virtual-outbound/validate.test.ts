import { describe, expect, it } from 'vitest';
import { flatVerdict, type Verdict } from '../../../model/flat-document.case.ts';
import { service } from '../common/legacy.case.ts';
import { hostFor, portFor } from './templates.ts';
import { virtualOutboundType } from './type.ts';

const parameters = [
  { name: 'service', tagKey: 'kuma.io/service' },
  { name: 'port', tagKey: 'kuma.io/port' },
];
const good = { host: '{{.service}}.mesh', port: '{{.port}}', parameters };

function verdict(conf: unknown): Verdict {
  return flatVerdict(virtualOutboundType, { selectors: [service('*')], conf });
}

function failure(reason: string): string {
  return `template pre evaluation failed with error=${reason}`;
}

const alphanumeric = 'must consist of alphanumeric characters to be used as a gotemplate key';

describe('a VirtualOutbound', () => {
  it.each<readonly [object | undefined, Verdict]>([
    [undefined, [['conf', 'has to be defined']]],
    [good, []],
    [{ ...good, host: '{{ if .service }}{{ .service | printf "%s" }}{{ end }}.mesh', port: '80' }, []],
    [
      { host: 'a.mesh', port: '80', parameters: [{ name: 'port', tagKey: 'kuma.io/port' }] },
      [['conf.parameters', 'must contain a parameter with kuma.io/service as a tagKey']],
    ],
    [
      {},
      [
        ['conf.parameters', 'must contain a parameter with kuma.io/service as a tagKey'],
        ['conf.host', 'has to be defined'],
        ['conf.port', 'has to be defined'],
      ],
    ],
    [
      {
        ...good,
        parameters: [...parameters, { name: 'port' }, { name: 'a b' }, { name: 'c', tagKey: 'd e' }, {}],
      },
      [
        ['conf.parameters[2].name', 'name is already used'],
        ['conf.parameters[3].name', 'must be a valid tag name if you are not setting tagKey'],
        ['conf.parameters[3].name', alphanumeric],
        ['conf.parameters[4].tagKey', 'must be a valid tag name'],
        ['conf.parameters[5].name', alphanumeric],
      ],
    ],
    [
      { ...good, host: '{{.service', port: '{{port}}' },
      [
        ['conf.host', failure('"failed compiling gotemplate error=\\"template: :1: unclosed action\\""')],
        [
          'conf.port',
          failure(
            '"failed compiling gotemplate error=\\"template: :1: function \\\\\\"port\\\\\\" not defined\\""',
          ),
        ],
      ],
    ],
    [
      { ...good, host: '{{.other}}.mesh', port: 'http' },
      [
        [
          'conf.host',
          failure(
            `"evaluation of template with parameters didn't return a valid dns name result=\\"<no value>.mesh\\""`,
          ),
        ],
        [
          'conf.port',
          failure(
            `"evaluation of template with parameters didn't evaluate to a parsable number result=\\"http\\""`,
          ),
        ],
      ],
    ],
    [
      { ...good, host: '{{.service.name}}', port: '0065536' },
      [
        [
          'conf.host',
          failure(
            '"pre evaluation of template with parameters failed with error=\\"template: :1:10: executing \\\\\\"\\\\\\" at ' +
              `<.service.name>: can't evaluate field name in type string\\""`,
          ),
        ],
        [
          'conf.port',
          failure('"evaluation of template returned a port outside of the range [1..65535] result=65536"'),
        ],
      ],
    ],
  ])('with %j', (conf, expected) => {
    expect(verdict(conf)).toEqual(expected);
  });

  it.each(['0', '-1', '65536', ' 80', '1e3', '', '9223372036854775808'])('refuses the port %j', (port) => {
    expect(verdict({ ...good, port })).toHaveLength(1);
  });

  it('makes names and ports of tags', () => {
    const tags = { 'kuma.io/service': 'web', 'kuma.io/port': '8080' };
    expect([hostFor(good, tags), portFor(good, tags)]).toEqual(['web.mesh', 8080]);
    expect(() => portFor(good, { 'kuma.io/service': 'web' })).toThrow('<no value>');
  });
});
