import { createAdmissionHandler } from './admission-handler.ts';

/** The admission webhook on Lambda, behind the API's own HTTP API. */
export const handler = createAdmissionHandler(process.env);
