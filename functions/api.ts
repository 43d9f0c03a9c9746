import { createApiHandler } from './api-handler.ts';

/** The API on Lambda, behind an HTTP API. */
export const handler = createApiHandler(process.env);
