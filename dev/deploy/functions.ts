import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  paginateListVersionsByFunction,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { KumulusError } from '../../src/model/errors.ts';

/**
 * The version of a function that was published last.
 *
 * @throws KumulusError `not_found` where none was.
 */
export async function newestVersion(lambda: LambdaClient, functionName: string): Promise<string> {
  let newest = 0;
  for await (const { Versions = [] } of paginateListVersionsByFunction(
    { client: lambda },
    { FunctionName: functionName },
  )) {
    for (const { Version } of Versions) {
      // `$LATEST` is no number.
      newest = Math.max(newest, Number(Version) || 0);
    }
  }
  if (newest === 0) {
    throw new KumulusError('not_found', `${functionName} has no version: deploy it first`);
  }
  return String(newest);
}

/** A variable of a function's environment; undefined where it has none of that name or an empty one, or is not there. */
export async function variableOf(
  lambda: LambdaClient,
  functionName: string,
  variable: string,
): Promise<string | undefined> {
  try {
    const { Environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    return Environment?.Variables?.[variable] || undefined;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
