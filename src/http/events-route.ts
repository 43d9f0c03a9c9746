import type { RequestAccess } from '../auth/request-access.ts';
import type { KumulusEvent } from '../events/event.ts';
import type { InProcessBus } from '../events/in-process-bus.ts';
import { KumulusError } from '../model/errors.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { requestIdHeader } from './errors.ts';
import type { ApiContext, Route } from './routing.ts';

/** Server-sent events (WHATWG HTML, section 9.2). */
const eventStream = 'text/event-stream';

const heartbeatMs = 15_000;
/** How often it is asked anew who reads and what they may see: a token that is revoked ends its stream within this time. */
const identifyMs = 4_000;
/** A stream ends after a while. Readers come back by themselves. */
const maxStreamMs = 15 * 60_000;
/** Events that a slow reader may be behind; then the stream ends. */
const maxBehind = 1_000;
const maxStreams = 500;

/**
 * `GET /_events`: what happens from now on, as server-sent events, each a CloudEvent. What happened while nobody
 * listened is told by `_changes`. Served where events are published within the process.
 */
export function eventsRoute(bus: InProcessBus, types: readonly ResourceType[]): Route {
  const byName = new Map(types.map((type) => [type.name, type]));
  let streams = 0;
  return {
    method: 'GET',
    path: '/_events',
    produces: [eventStream],
    handle(context) {
      if (streams >= maxStreams) {
        throw new KumulusError('too_many_requests', 'too many streams of events are open', {
          retryAfterSeconds: 30,
        });
      }
      streams += 1;
      context.get('leaveGate')();
      const stream = streamOf(context, bus, byName, () => {
        streams -= 1;
      });
      return new Response(stream, {
        headers: {
          'content-type': eventStream,
          'cache-control': 'no-store',
          [requestIdHeader]: context.get('requestId'),
        },
      });
    },
  };
}

function streamOf(
  context: ApiContext,
  bus: InProcessBus,
  types: ReadonlyMap<string, ResourceType>,
  ended: () => void,
): ReadableStream<Uint8Array> {
  const tenant = context.get('tenant');
  let access = context.get('access');
  const identify = context.get('identify');
  const { signal } = context.req.raw;
  const encoder = new TextEncoder();
  let end = () => {};
  let cancelled = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) {
            end();
          } else {
            controller.enqueue(encoder.encode(text));
          }
        };
        const stop = bus.subscribe((event) => {
          if (event.tenant === tenant && maySee(access, types, event)) {
            write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
          }
        });
        const heartbeat = setInterval(() => write(': \n\n'), heartbeatMs);
        const identifying = setInterval(() => {
          identify().then(
            (now) => {
              access = now.access;
            },
            () => end(),
          );
        }, identifyMs);
        const over = setTimeout(() => end(), maxStreamMs);
        let open = true;
        end = () => {
          if (open) {
            open = false;
            stop();
            clearInterval(heartbeat);
            clearInterval(identifying);
            clearTimeout(over);
            signal.removeEventListener('abort', end);
            ended();
            if (!cancelled) {
              controller.close();
            }
          }
        };
        signal.addEventListener('abort', end);
        write(': \n\n');
      },
      cancel() {
        // Its reader is gone, and the stream closed with it.
        cancelled = true;
        end();
      },
    },
    { highWaterMark: maxBehind },
  );
}

/** Of resources, what the caller may read; of tokens, an administrator everything. */
function maySee(
  access: RequestAccess,
  types: ReadonlyMap<string, ResourceType>,
  { data: { resource } }: KumulusEvent,
): boolean {
  const type = types.get(resource.type);
  if (type === undefined) {
    return access.isAdmin;
  }
  const readable = access.readable(type, resource.mesh);
  return readable === 'all' || readable.has(resource.name);
}
