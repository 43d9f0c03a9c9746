import type { Socket } from 'node:net';
import type { Logger } from '../../model/ports.ts';
import { createFairCrowd } from '../stream/fair-line.ts';
import { type ClientHello, readClientHello } from './client-hello.ts';

export interface ReceptionOptions {
  /** Does the handshake. The socket has its first message still to be read. */
  readonly handshake: (socket: Socket) => void;
  /** Whether somebody was let in under that host name before. */
  readonly isKnown: (servername: string) => boolean;
  /** Whether bootstraps are wanted now; those who are to ask for them wait outside while they are not. */
  readonly wantsBootstraps: () => boolean;
  /** Milliseconds from the connection to its first message. */
  readonly helloMs: number;
  /** Milliseconds that one who wants a stream waits for its handshake; Envoy gives up before that, and is forgotten then. */
  readonly streamWaitMs: number;
  /**
   * The same for bootstraps, at the most; half of it at least, so that those who came together do not come back together. They
   * are closed before they give up, while there is time enough for those whose turn comes.
   */
  readonly bootstrapWaitMs: number;
  /** Connections that may wait; those that come then are closed. */
  readonly maxWaiting: number;
  /** Milliseconds over which those that are too much are closed, so that they do not come back together. */
  readonly spreadMs: number;
  /** Handshakes that begin in one turn of the event loop. */
  readonly perTurn: number;
  /** Calls back in the next turn of the event loop; `setImmediate` unless told. */
  readonly nextTurn?: (work: () => void) => void;
  /** From 0 to below 1; `Math.random` unless told. */
  readonly random?: () => number;
  readonly logger: Logger;
}

/**
 * Where connections wait for their TLS handshake, which costs as much as anything else that is done for them: few begin
 * in one turn of the event loop, so that a thousand that come at once keep nobody else waiting, and host names take
 * turns. Who waits costs its first message and no computing, and may go at any time.
 */
export interface Reception {
  /** Takes a connection that nothing was read of. */
  accept(socket: Socket): void;
  /** Bootstraps may be wanted again. */
  wake(): void;
  /** How many are here: those who have not said what they want yet, and those whose turn it is not. */
  readonly waiting: number;
  /** How many of them have said what they want. */
  readonly queued: number;
  /** Closes those that wait, and from now on those that come. */
  close(): void;
}

/** A connection whose turn is to come. */
interface Guest {
  readonly socket: Socket;
  readonly hello: ClientHello;
  readonly address: string;
}

/** Bytes of a first message; what is longer is no `ClientHello` that any client sends. */
const maxHelloBytes = 16 * 1024;

/**
 * Turns in a row in which no handshake begins because connections come. The system hands us one in each turn (libuv since
 * 1.45), and Envoy waits for a second from its connection to the end of its handshake: many who come at once are taken
 * in quickly, in turns that do little else.
 */
const maxPassed = 8;

/**
 * Of more who want a stream under one name from one address, every other turn is the newest's: Envoy waits for a second, so that in
 * the order in which they came all might be served too late. Fewer are served in less than that.
 */
const maxOrderly = 256;

/** In how many steps times are drawn: timers of one duration share. */
const spreadSteps = 30;

/** Makes a {@link Reception}. */
export function createReception(options: ReceptionOptions): Reception {
  const { isKnown, nextTurn = setImmediate, random = Math.random } = options;
  const newLine = (crowd: number) =>
    createFairCrowd<Guest>(
      crowd,
      ({ hello: { servername } }) => (servername !== undefined && isKnown(servername) ? servername : ''),
      ({ hello: { servername } }) => servername ?? '',
      ({ address }) => address,
    );
  const streams = newLine(maxOrderly);
  const bootstraps = newLine(Number.POSITIVE_INFINITY);
  /** Every connection that is here, with what lets it go on, without anybody listening to it. */
  const here = new Map<Socket, () => void>();
  let turnComes = false;
  let closed = false;
  /** Whether a connection came in this turn, and how many turns in a row were left to those that come. */
  let hasAccepted = false;
  let passed = 0;
  let streamsNext = false;

  const begin = (line: typeof streams): boolean => {
    const guest = line.shift();
    if (guest === undefined) {
      return false;
    }
    here.get(guest.socket)?.();
    options.handshake(guest.socket);
    return true;
  };

  const turn = () => {
    turnComes = false;
    if (hasAccepted && passed < maxPassed) {
      passed += 1;
    } else {
      passed = 0;
      for (let begun = 0; begun < options.perTurn && beginNext(); begun += 1) {}
    }
    hasAccepted = false;
    awaitTurn();
  };

  /** Streams and bootstraps take turns, too. */
  const beginNext = (): boolean => {
    const fromStreams = () => begin(streams);
    const fromBootstraps = () => options.wantsBootstraps() && begin(bootstraps);
    streamsNext = !streamsNext;
    return streamsNext ? fromStreams() || fromBootstraps() : fromBootstraps() || fromStreams();
  };

  const awaitTurn = () => {
    const somebodyMay = streams.size > 0 || (bootstraps.size > 0 && options.wantsBootstraps());
    if (somebodyMay && !turnComes) {
      turnComes = true;
      nextTurn(turn);
    }
  };

  /** Some of these milliseconds, in steps. */
  const spread = (milliseconds: number) => (Math.floor(random() * spreadSteps) * milliseconds) / spreadSteps;

  /** Nothing is read of it and nothing told: a client that is not answered and one that is closed come back alike. */
  const turnAway = (socket: Socket) => {
    options.logger.debug('a connection is too much', { peer: socket.remoteAddress });
    const timer = setTimeout(() => socket.resetAndDestroy(), spread(options.spreadMs));
    timer.unref();
    socket.on('error', () => {});
    socket.on('close', () => clearTimeout(timer));
  };

  const receive = (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const read: Buffer[] = [];
    let size = 0;
    let stepOut: (() => void) | undefined;

    const queueUp = (hello: ClientHello) => {
      const isStream = hello.protocols.length === 1 && hello.protocols[0] === 'h2';
      const half = options.bootstrapWaitMs / 2;
      stepOut = (isStream ? streams : bootstraps).push({ socket, hello, address });
      clearTimeout(timer);
      timer = setTimeout(giveUp, isStream ? options.streamWaitMs : half + spread(half));
      awaitTurn();
    };
    const onData = (bytes: Buffer) => {
      read.push(bytes);
      size += bytes.length;
      if (size > maxHelloBytes) {
        socket.destroy();
      } else if (stepOut === undefined) {
        const hello = readClientHello(Buffer.concat(read));
        if (hello === undefined) {
          options.logger.debug('a connection is not TLS', { peer: address });
          socket.destroy();
        } else if (hello !== 'incomplete') {
          queueUp(hello);
        }
      }
    };
    const giveUp = () => socket.destroy();
    let timer = setTimeout(giveUp, options.helloMs);
    const forget = () => {
      clearTimeout(timer);
      stepOut?.();
      here.delete(socket);
    };

    here.set(socket, () => {
      forget();
      socket.off('data', onData).off('end', giveUp).off('close', forget);
      socket.pause();
      socket.unshift(Buffer.concat(read));
      // What still listens to the socket would hold it as long as the connection lasts.
      read.length = 0;
    });
    socket.on('data', onData).on('end', giveUp).on('close', forget).on('error', giveUp);
  };

  return {
    get waiting() {
      return here.size;
    },
    get queued() {
      return streams.size + bootstraps.size;
    },
    accept(socket) {
      hasAccepted = true;
      if (closed) {
        socket.destroy();
      } else if (here.size >= options.maxWaiting) {
        turnAway(socket);
      } else {
        receive(socket);
      }
    },
    wake: awaitTurn,
    close() {
      closed = true;
      for (const socket of here.keys()) {
        socket.destroy();
      }
    },
  };
}
