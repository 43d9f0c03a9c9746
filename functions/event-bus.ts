import type { EventBus } from '../src/events/event-bus.ts';
import { requestTimeouts } from '../src/store/dynamodb/timeouts.ts';

/** Where events go in the cloud. */
export interface CloudEventBus {
  /** Name or ARN of the event bus on EventBridge. */
  readonly name: string;
  /** Where EventBridge is, where it is not AWS's own. */
  readonly endpoint: string | undefined;
}

/** The bus on EventBridge. Its client is loaded with the first event, so that reads start without it. */
export function cloudEventBus({ name, endpoint }: CloudEventBus): EventBus {
  let loaded: Promise<EventBus> | undefined;
  const load = async (): Promise<EventBus> => {
    const [{ EventBridgeClient }, { createEventBridgeBus }] = await Promise.all([
      import('@aws-sdk/client-eventbridge'),
      import('../src/events/event-bridge-bus.ts'),
    ]);
    const client = new EventBridgeClient({
      ...(endpoint === undefined ? {} : { endpoint }),
      requestHandler: requestTimeouts(),
    });
    // A request waits for it: what the bus does not take soon is left to the sweep.
    return createEventBridgeBus({ client, bus: name, maxAttempts: 3 });
  };
  return {
    async publish(events) {
      loaded ??= load();
      await (await loaded).publish(events);
    },
  };
}
