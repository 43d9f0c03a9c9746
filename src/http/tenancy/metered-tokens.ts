import type { TenantId } from '../../model/tenant.ts';
import type { Tokens } from '../../tokens/tokens.ts';
import type { ApiTenancy } from './admission.ts';

/** Tokens as the API issues them: held to the tenant's quota, and counted. */
export function meteredTokens(
  tokens: Tokens,
  tenancy: Pick<ApiTenancy, 'lookup' | 'rates' | 'usage'>,
): Tokens {
  const metered =
    <Request>(issue: (tenant: TenantId, request: Request) => Promise<string>) =>
    async (tenant: TenantId, request: Request) => {
      const record = await tenancy.lookup.find(tenant);
      await tenancy.rates.take(tenant, 'tokens', record?.quotas.tokensPerSecond ?? null);
      const token = await issue(tenant, request);
      tenancy.usage.count(tenant, 'tokens');
      return token;
    };
  return {
    ...tokens,
    issueDataplane: metered(tokens.issueDataplane),
    issueZone: metered(tokens.issueZone),
    issueUser: metered(tokens.issueUser),
  };
}
