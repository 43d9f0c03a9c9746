import { KumulusError } from '../model/errors.ts';

/** Bytes of a request's body at the most; DynamoDB would refuse a resource long before (400 KB an item). */
export const maxBodyBytes = 1024 * 1024;

function tooLarge(): KumulusError {
  return new KumulusError('payload_too_large', `the body must be at most ${maxBodyBytes} bytes`);
}

/**
 * Reads a body without ever holding more than {@link maxBodyBytes} of it.
 *
 * @throws KumulusError `payload_too_large`
 */
export async function readBody(request: Request): Promise<string> {
  const declared = request.headers.get('content-length');
  if (declared !== null) {
    if (Number(declared) > maxBodyBytes) {
      throw tooLarge();
    }
    // The HTTP parser reads no more than was declared. Where there is no parser, as in a function, the text is checked.
    const text = await request.text();
    if (text.length > maxBodyBytes) {
      throw tooLarge();
    }
    return text;
  }
  return readStream(request);
}

async function readStream(request: Request): Promise<string> {
  if (request.body === null) {
    return '';
  }
  const decoder = new TextDecoder();
  const reader = request.body.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return text + decoder.decode();
    }
    bytes += value.byteLength;
    if (bytes > maxBodyBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}
