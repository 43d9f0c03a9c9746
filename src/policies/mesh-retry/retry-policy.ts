import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { packed } from '../../envoy/any.ts';
import { nanoseconds } from '../../envoy/duration.ts';
import {
  type HeaderMatcherSchema,
  type RetryPolicy,
  RetryPolicy_ResetHeaderFormat,
  RetryPolicySchema,
} from '../../envoy/gen/envoy/config/route/v3/route_components_pb.ts';
import { OmitHostMetadataConfigSchema } from '../../envoy/gen/envoy/extensions/retry/host/omit_host_metadata/v3/omit_host_metadata_config_pb.ts';
import { PreviousHostsPredicateSchema } from '../../envoy/gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.ts';
import { PreviousPrioritiesConfigSchema } from '../../envoy/gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.ts';
import { headerMatcher } from '../../envoy/header-matcher.ts';
import { textMetadata } from '../../envoy/metadata.ts';
import { parseDuration } from '../../model/duration.ts';
import { patternProblem } from '../../model/regular-expression.ts';
import { serviceTag } from '../../model/tags.ts';
import type { HeaderMatch } from '../common/fields.ts';
import {
  grpcRetryConditions,
  httpRetryConditions,
  httpRetryMethods,
  parseRetryStatusCode,
} from './retry-conditions.ts';
import type { HostPredicate, RetryConf } from './schema.ts';

type HttpConf = NonNullable<RetryConf['http']>;
type GrpcConf = NonNullable<RetryConf['grpc']>;
type BackOff = NonNullable<HttpConf['backOff']>;
type RateLimitedBackOff = NonNullable<HttpConf['rateLimitedBackOff']>;
type Init = MessageInitShape<typeof RetryPolicySchema>;

/** What counts as worth another try unless a policy says so. */
const httpDefault = ['gateway-error', 'connect-failure', 'refused-stream'];
const grpcDefault = [
  'cancelled',
  'connect-failure',
  'gateway-error',
  'refused-stream',
  'reset',
  'resource-exhausted',
  'unavailable',
];

/** Envoy's default of `base_interval`, which has to be stated beside a `max_interval`. */
const defaultBaseInterval = parseDuration('25ms');

/** The retries of HTTP requests; undefined where there are none. */
export function httpRetryPolicy(conf: HttpConf | undefined): RetryPolicy | undefined {
  if (conf === undefined || conf.numRetries === 0) {
    return undefined;
  }
  const conditions = splitRetryOn(conf.retryOn ?? []);
  const retryOn = conditions.on.length > 0 ? conditions.on : httpDefault;
  const { hostSelection = [], hostSelectionMaxAttempts } = conf;
  return create(RetryPolicySchema, {
    ...common(conf),
    retryOn: [...retryOn, ...(conditions.codes.length > 0 ? ['retriable-status-codes'] : [])].join(),
    retriableStatusCodes: [...conditions.codes],
    retriableRequestHeaders: [
      ...conditions.methods.map((method) => headerMatcher(':method', { kind: 'exact', value: method })),
      ...headerMatchers(conf.retriableRequestHeaders),
    ],
    retriableHeaders: headerMatchers(conf.retriableResponseHeaders),
    ...hostPredicates(hostSelection),
    ...(hostSelectionMaxAttempts === undefined
      ? {}
      : { hostSelectionRetryMaxAttempts: BigInt(hostSelectionMaxAttempts) }),
  });
}

/** The retries of gRPC calls; undefined where there are none. */
export function grpcRetryPolicy(conf: GrpcConf | undefined): RetryPolicy | undefined {
  if (conf === undefined || conf.numRetries === 0) {
    return undefined;
  }
  const on = (conf.retryOn ?? []).flatMap((condition) => grpcRetryConditions.get(condition) ?? []);
  return create(RetryPolicySchema, { ...common(conf), retryOn: (on.length > 0 ? on : grpcDefault).join() });
}

function common(conf: HttpConf | GrpcConf): Init {
  const { numRetries, perTryTimeout, backOff, rateLimitedBackOff } = conf;
  return {
    ...(numRetries === undefined ? {} : { numRetries }),
    ...(perTryTimeout === undefined ? {} : { perTryTimeout: atLeast(0n, perTryTimeout) }),
    ...(backOff === undefined ? {} : { retryBackOff: retryBackOff(backOff) }),
    ...(rateLimitedBackOff === undefined ? {} : rateLimited(rateLimitedBackOff)),
  };
}

/** Envoy wants a base interval above zero, and a longest one that is not below it. */
function retryBackOff({ baseInterval, maxInterval }: BackOff): NonNullable<Init['retryBackOff']> {
  const given = baseInterval === undefined ? defaultBaseInterval : parseDuration(baseInterval);
  const base = given > 0n ? given : defaultBaseInterval;
  return {
    baseInterval: nanoseconds(base),
    ...(maxInterval === undefined ? {} : { maxInterval: atLeast(base, maxInterval) }),
  };
}

/** Envoy wants at least one header that tells when to come back. */
function rateLimited({ resetHeaders = [], maxInterval }: RateLimitedBackOff): Init {
  if (resetHeaders.length === 0) {
    return {};
  }
  return {
    rateLimitedRetryBackOff: {
      resetHeaders: resetHeaders.map(({ name, format }) => ({
        name,
        format:
          format === 'Seconds'
            ? RetryPolicy_ResetHeaderFormat.SECONDS
            : RetryPolicy_ResetHeaderFormat.UNIX_TIMESTAMP,
      })),
      ...(maxInterval === undefined ? {} : { maxInterval: atLeast(1n, maxInterval) }),
    },
  };
}

function atLeast(least: bigint, text: string) {
  const given = parseDuration(text);
  return nanoseconds(given < least ? least : given);
}

function splitRetryOn(all: readonly string[]) {
  return {
    on: all.flatMap((item) => httpRetryConditions.get(item) ?? []),
    codes: all.flatMap((item) => parseRetryStatusCode(item) ?? []),
    methods: all.flatMap((item) => httpRetryMethods.get(item) ?? []),
  };
}

/** Matches by regular expressions that Envoy would refuse are left out: with them it would refuse the listener. */
function headerMatchers(
  headers: readonly HeaderMatch[] = [],
): MessageInitShape<typeof HeaderMatcherSchema>[] {
  return headers.flatMap(({ type, name, value = '' }) => {
    switch (type) {
      case 'Present':
        return headerMatcher(name, { kind: 'present' });
      case 'Absent':
        return headerMatcher(name, { kind: 'absent' });
      case 'Prefix':
        return headerMatcher(name, { kind: 'prefix', value });
      case 'RegularExpression':
        return patternProblem(value) === undefined ? headerMatcher(name, { kind: 'pattern', value }) : [];
      default:
        return headerMatcher(name, { kind: 'exact', value });
    }
  });
}

function hostPredicates(predicates: readonly HostPredicate[]): Init {
  const hosts = predicates.flatMap(({ predicate, tags = {} }) => {
    switch (predicate) {
      case 'OmitPreviousHosts':
        return extension('envoy.retry_host_predicates.previous_hosts', packed(PreviousHostsPredicateSchema));
      case 'OmitHostsWithTags':
        return extension(
          'envoy.retry_host_predicates.omit_host_metadata',
          packed(OmitHostMetadataConfigSchema, omittedHosts(tags)),
        );
      default:
        return [];
    }
  });
  const priorities = predicates.filter(({ predicate }) => predicate === 'OmitPreviousPriorities').at(-1);
  return {
    retryHostPredicate: hosts,
    ...(priorities === undefined
      ? {}
      : {
          retryPriority: extension(
            'envoy.retry_priorities.previous_priorities',
            packed(PreviousPrioritiesConfigSchema, {
              updateFrequency: Math.max(1, priorities.updateFrequency),
            }),
          ),
        }),
  };
}

function omittedHosts(tags: Readonly<Record<string, string>>) {
  const { [serviceTag]: _, ...others } = tags;
  return Object.keys(others).length === 0 ? {} : { metadataMatch: textMetadata(['envoy.lb'], others) };
}

function extension(name: string, value: ReturnType<typeof packed>) {
  return { name, configType: { case: 'typedConfig' as const, value } };
}
