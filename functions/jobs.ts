import { createJobsHandler } from './jobs-handler.ts';

/** The jobs on Lambda, on a schedule. */
export const handler = createJobsHandler(process.env);
