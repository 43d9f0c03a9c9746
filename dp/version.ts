import manifest from '../package.json' with { type: 'json' };

/** Kumulus's own version. */
export const version: string = manifest.version;

/** The version of Kuma whose protocol and API this is; what proxies announce, because tools compare it. */
export const kumaVersion = '2.13.10';
