import { create } from '@bufbuild/protobuf';
import { pack, packed } from '../../envoy/any.ts';
import { nanoseconds } from '../../envoy/duration.ts';
import {
  type HeaderMatcher,
  type RetryPolicy,
  RetryPolicy_RateLimitedRetryBackOffSchema,
  RetryPolicy_ResetHeaderFormat,
  RetryPolicy_RetryBackOffSchema,
  RetryPolicy_RetryHostPredicateSchema,
  RetryPolicy_RetryPrioritySchema,
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
  const policy = retryPolicy(conf, [
    ...retryOn,
    ...(conditions.codes.length > 0 ? ['retriable-status-codes'] : []),
  ]);
  policy.retriableStatusCodes = conditions.codes;
  policy.retriableRequestHeaders = [
    ...conditions.methods.map((method) => headerMatcher(':method', { kind: 'exact', value: method })),
    ...headerMatchers(conf.retriableRequestHeaders),
  ];
  policy.retriableHeaders = headerMatchers(conf.retriableResponseHeaders);
  selectHosts(policy, conf.hostSelection ?? []);
  policy.hostSelectionRetryMaxAttempts = BigInt(conf.hostSelectionMaxAttempts ?? 0);
  return policy;
}

/** The retries of gRPC calls; undefined where there are none. */
export function grpcRetryPolicy(conf: GrpcConf | undefined): RetryPolicy | undefined {
  if (conf === undefined || conf.numRetries === 0) {
    return undefined;
  }
  const on = (conf.retryOn ?? []).flatMap((condition) => grpcRetryConditions.get(condition) ?? []);
  return retryPolicy(conf, on.length > 0 ? on : grpcDefault);
}

function retryPolicy(conf: HttpConf | GrpcConf, retryOn: readonly string[]): RetryPolicy {
  const { numRetries, perTryTimeout, backOff, rateLimitedBackOff } = conf;
  const policy = create(RetryPolicySchema, { retryOn: retryOn.join() });
  if (numRetries !== undefined) {
    policy.numRetries = numRetries;
  }
  if (perTryTimeout !== undefined) {
    policy.perTryTimeout = atLeast(0n, perTryTimeout);
  }
  if (backOff !== undefined) {
    policy.retryBackOff = retryBackOff(backOff);
  }
  // Envoy wants at least one header that tells when to come back.
  if (rateLimitedBackOff?.resetHeaders !== undefined && rateLimitedBackOff.resetHeaders.length > 0) {
    policy.rateLimitedRetryBackOff = rateLimited(rateLimitedBackOff);
  }
  return policy;
}

/** Envoy wants a base interval above zero, and a longest one that is not below it. */
function retryBackOff({ baseInterval, maxInterval }: BackOff) {
  const given = baseInterval === undefined ? defaultBaseInterval : parseDuration(baseInterval);
  const base = given > 0n ? given : defaultBaseInterval;
  const backOff = create(RetryPolicy_RetryBackOffSchema, { baseInterval: nanoseconds(base) });
  if (maxInterval !== undefined) {
    backOff.maxInterval = atLeast(base, maxInterval);
  }
  return backOff;
}

function rateLimited({ resetHeaders = [], maxInterval }: RateLimitedBackOff) {
  const backOff = create(RetryPolicy_RateLimitedRetryBackOffSchema, {
    resetHeaders: resetHeaders.map(({ name, format }) => ({
      name,
      format:
        format === 'Seconds'
          ? RetryPolicy_ResetHeaderFormat.SECONDS
          : RetryPolicy_ResetHeaderFormat.UNIX_TIMESTAMP,
    })),
  });
  if (maxInterval !== undefined) {
    backOff.maxInterval = atLeast(1n, maxInterval);
  }
  return backOff;
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
function headerMatchers(headers: readonly HeaderMatch[] = []): HeaderMatcher[] {
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

function selectHosts(policy: RetryPolicy, predicates: readonly HostPredicate[]): void {
  for (const { predicate, tags = {}, updateFrequency } of predicates) {
    switch (predicate) {
      case 'OmitPreviousHosts':
        policy.retryHostPredicate.push(omitPreviousHosts());
        break;
      case 'OmitHostsWithTags':
        policy.retryHostPredicate.push(omitHostsWithTags(tags));
        break;
      case 'OmitPreviousPriorities':
        policy.retryPriority = omitPreviousPriorities(updateFrequency);
        break;
    }
  }
}

function omitPreviousHosts() {
  return create(RetryPolicy_RetryHostPredicateSchema, {
    name: 'envoy.retry_host_predicates.previous_hosts',
    configType: { case: 'typedConfig', value: packed(PreviousHostsPredicateSchema) },
  });
}

function omitHostsWithTags(tags: Readonly<Record<string, string>>) {
  const { [serviceTag]: _, ...others } = tags;
  const hosts = create(OmitHostMetadataConfigSchema);
  if (Object.keys(others).length > 0) {
    hosts.metadataMatch = textMetadata(['envoy.lb'], others);
  }
  return create(RetryPolicy_RetryHostPredicateSchema, {
    name: 'envoy.retry_host_predicates.omit_host_metadata',
    configType: { case: 'typedConfig', value: pack(OmitHostMetadataConfigSchema, hosts) },
  });
}

/** Envoy wants a frequency of at least one. */
function omitPreviousPriorities(updateFrequency: number) {
  return create(RetryPolicy_RetryPrioritySchema, {
    name: 'envoy.retry_priorities.previous_priorities',
    configType: {
      case: 'typedConfig',
      value: packed(PreviousPrioritiesConfigSchema, { updateFrequency: Math.max(1, updateFrequency) }),
    },
  });
}
