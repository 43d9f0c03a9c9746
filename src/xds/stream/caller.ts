import type { StreamHello } from '../session.ts';

/** Who a call comes from, before its token was checked: the tenant by host name or token. */
export type Caller = Pick<StreamHello, 'tenant' | 'token' | 'peer'>;
