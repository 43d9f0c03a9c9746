// Upper bounds of histograms, in seconds. Few: each is a series for each combination of labels.

/** From a commit to an acknowledgement: 10 ms is usual for an endpoint, a second for a policy of thousands of proxies. */
export const propagationBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What holds the event loop up, or runs on it. */
export const loopBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Calls of the store and what is made of a few of them. */
export const callBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

/** Waiting for one's turn. */
export const waitBuckets = [0.001, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

/** How long streams last: a minute, an hour, a day. */
export const streamBuckets = [0.1, 1, 10, 60, 600, 3_600, 21_600, 86_400];

/** Jobs: a pass over what is due. */
export const jobBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900];
