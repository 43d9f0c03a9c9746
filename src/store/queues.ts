/** The longest that a reader of a queue waits for what is sent, in seconds: the most that SQS lets it ("long polling"). */
export const longestWaitSeconds = 20;

/** What a relay is sent short notes by, to be acted upon at once: they may be lost, come twice, and come in any order. */
export interface Queues {
  /**
   * Makes a queue, or finds the one of that name.
   *
   * @returns its address, by which anybody can send.
   * @throws KumulusError `unavailable`.
   */
  create(name: string): Promise<string>;
  /**
   * @param text at most 250,000 bytes of printable text.
   * @throws KumulusError `not_found` where the queue is gone, else `unavailable`.
   */
  send(queue: string, text: string): Promise<void>;
  /**
   * Waits for what is sent, {@link longestWaitSeconds} at the most; each text is handed out once.
   *
   * @param signal ends the waiting.
   * @throws KumulusError `not_found` where the queue is gone, else `unavailable`.
   */
  receive(queue: string, signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Removes a queue with what is in it; nothing happens where there is none.
   *
   * @throws KumulusError `unavailable`.
   */
  remove(queue: string): Promise<void>;
}
