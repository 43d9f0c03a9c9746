/** A template that cannot be read or evaluated; the message is what Go's `text/template` says. */
export class TemplateError extends Error {
  /** @param position where in the template, in characters; only its line is told. */
  constructor(template: string, position: number, message: string) {
    super(`template: :${lineOf(template, position)}: ${message}`);
    this.name = 'TemplateError';
  }
}

/** A template that was read, and could not be evaluated with the values that it was given. */
export class EvaluationError extends Error {
  /** @param node the part of the template that failed, as it is written. */
  constructor(template: string, position: number, node: string, message: string) {
    const before = template.slice(0, position);
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
    super(`template: :${lineOf(template, position)}:${column}: executing "" at <${node}>: ${message}`);
    this.name = 'EvaluationError';
  }
}

/** The line of a place in a template, from 1. */
export function lineOf(template: string, position: number): number {
  return template.slice(0, position).split('\n').length;
}
