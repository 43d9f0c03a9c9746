import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { KumulusError } from '../src/model/errors.ts';
import type { TenantId } from '../src/model/tenant.ts';
import type { TakeTenantRole } from '../src/store/dynamodb/tenant-credentials.ts';
import { requestTimeouts } from '../src/store/dynamodb/timeouts.ts';

/** The role whose policy lets through what is of the tenant in the session's tags; see infra/data.yml. */
export interface CloudTenantRole {
  readonly arn: string;
  /** Where STS is, where it is not AWS's own. */
  readonly endpoint: string | undefined;
}

/** The longest that a role lasts which another role's session takes ("role chaining" in IAM's documentation). */
const sessionSeconds = 3_600;

/** Takes the role for a tenant, with the tenant's name as session tag. */
export function cloudTenantRole({ arn, endpoint }: CloudTenantRole): TakeTenantRole {
  const client = new STSClient({
    ...(endpoint === undefined ? {} : { endpoint }),
    // Whoever needs the role tries again by itself.
    maxAttempts: 2,
    requestHandler: requestTimeouts(),
  });
  return async (tenant) => {
    const { Credentials: given } = await client.send(
      new AssumeRoleCommand({
        RoleArn: arn,
        RoleSessionName: sessionName(tenant),
        DurationSeconds: sessionSeconds,
        Tags: [{ Key: 'tenant', Value: tenant }],
      }),
    );
    return {
      accessKeyId: given?.AccessKeyId ?? missing(),
      secretAccessKey: given?.SecretAccessKey ?? missing(),
      sessionToken: given?.SessionToken ?? missing(),
      expiration: given?.Expiration ?? missing(),
    };
  };
}

/** What CloudTrail shows of who it was: 2 to 64 characters, of which a tenant's name has at most 63. */
function sessionName(tenant: TenantId): string {
  return `${tenant}@kumulus`.slice(0, 64);
}

function missing(): never {
  throw new KumulusError('unavailable', 'STS gave no credentials', { retryAfterSeconds: 1 });
}
