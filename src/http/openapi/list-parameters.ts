import { proxyStatuses } from '../../insights/proxy-status.ts';
import { sortWords } from '../overviews/overview-query.ts';
import { maxNumber, maxPageSize } from '../pagination.ts';
import { choice, listOf, orEmpty, parameter, text } from './fields.ts';
import type { QueryParameter } from './operation.ts';

/** What the lists of resources, and of what is selected, take. */
export const pageParameters: readonly QueryParameter[] = [
  parameter(
    'size',
    'Items of a page; 0 is as many as there may be. A negative one gives none, as in Kuma.',
    orEmpty({ type: 'integer', minimum: -maxNumber, maximum: maxPageSize, default: 100 }),
  ),
  parameter(
    'offset',
    'Where the page begins.',
    orEmpty({ type: 'integer', minimum: 0, maximum: maxNumber, default: 0 }),
  ),
];

export const nameParameter = parameter('name', 'A part of the name.');

/** What every list of resources takes. */
export const listParameters: readonly QueryParameter[] = [
  ...pageParameters,
  nameParameter,
  parameter('filter[labels.<name>]', 'Only with this value of the label; `<name>` stands for its name.'),
];

/** What lists of Dataplanes take beside. */
export const dataplaneParameters: readonly QueryParameter[] = [
  parameter(
    'tag',
    'Only with this tag, `name:value`, where `*` is any value; may be repeated.',
    listOf(text),
  ),
  parameter(
    'gateway',
    'Only gateways, or none; which kind.',
    choice('true', 'false', 'builtin', 'delegated'),
  ),
];

/** What lists of overviews take beside. */
export const overviewParameters: readonly QueryParameter[] = [
  parameter('status', 'Only proxies of this status.', choice(...proxyStatuses)),
  parameter('version', 'Only with this version of kuma-dp or Envoy, or its first numbers.'),
  parameter('refused', 'Whether they have refused a configuration.', choice('true', 'false')),
  parameter('fields', 'Small rows instead of overviews.', choice('summary')),
  parameter(
    'sort',
    'By a member of the summary; with `-` in front the other way round.',
    choice(...sortWords),
  ),
];
