import { create } from '@bufbuild/protobuf';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';

const billion = 1_000_000_000n;

/** A `google.protobuf.Duration` of so many nanoseconds. */
export function nanoseconds(count: bigint): Duration {
  return create(DurationSchema, { seconds: count / billion, nanos: Number(count % billion) });
}

/** A `google.protobuf.Duration` of so many whole seconds. */
export function seconds(count: number): Duration {
  return create(DurationSchema, { seconds: BigInt(count) });
}
