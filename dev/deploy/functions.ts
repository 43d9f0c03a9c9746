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

/** The environment of a function; empty where there is none. */
export async function variablesOf(
  lambda: LambdaClient,
  functionName: string,
): Promise<Readonly<Record<string, string>>> {
  try {
    const { Environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    return Environment?.Variables ?? {};
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return {};
    throw error;
  }
}
