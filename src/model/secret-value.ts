import { inspect } from 'node:util';

/**
 * Text that must not be seen by accident: it prints as `[redacted]` in logs, in JSON, in errors and in the
 * debugger. Only {@link SecretValue.reveal} gives it away, and that is easy to search for.
 */
export class SecretValue {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
