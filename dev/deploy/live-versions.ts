import {
  type AliasConfiguration,
  CreateAliasCommand,
  GetAliasCommand,
  type LambdaClient,
  ResourceNotFoundException,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { KumulusError } from '../../src/model/errors.ts';
import { liveAlias } from './functions-plugin.ts';

/**
 * Where `live` was before the last roll-out, which its description names. No template knows of it; it goes with its function.
 */
const previousAlias = 'previous';

/** Which version of a function answers. */
export interface LiveVersion {
  readonly version: string;
  /** One that gets a share of the calls, from 0 to 1, until it is believed. */
  readonly tried?: { readonly version: string; readonly share: number };
}

/** What a step back did. */
export interface StepBack {
  readonly from: string;
  readonly to: string;
}

/** Moves the alias that the gateway and the schedule call. Each step is one update, and whole: calls under way are not touched. */
export interface LiveVersions {
  /** Undefined where there is no such function, or nothing was deployed. */
  current(functionName: string): Promise<LiveVersion | undefined>;
  /** Gives a version a share of the calls. */
  tryOut(functionName: string, version: string, share: number): Promise<void>;
  /** Gives a version all calls. */
  goTo(functionName: string, version: string): Promise<void>;
  /**
   * Remembers the version that has the calls as the one before a roll-out, to go back to. Where that was remembered before the same
   * roll-out it stays: one that was interrupted and is repeated has moved some functions already.
   *
   * @param rollOut names the roll-out: all versions that it leads to.
   */
  remember(functionName: string, rollOut: string): Promise<void>;
  /**
   * Takes the calls away from a version that is tried, or goes back to the one that was there before; which may be the same.
   *
   * @throws KumulusError `not_found` where there is no function or no version before, `conflict` where somebody else moves it.
   */
  stepBack(functionName: string): Promise<StepBack>;
}

export interface LiveVersionsDeps {
  readonly lambda: Pick<LambdaClient, 'send'>;
}

export function createLiveVersions({ lambda }: LiveVersionsDeps): LiveVersions {
  const find = async (functionName: string, name: string): Promise<AliasConfiguration | undefined> => {
    try {
      return await lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: name }));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };

  const live = async (functionName: string): Promise<AliasConfiguration & LiveVersion> => {
    const alias = await find(functionName, liveAlias);
    if (alias?.FunctionVersion === undefined) {
      throw new KumulusError('not_found', `${functionName} has no alias ${liveAlias}: deploy it first`);
    }
    return { ...alias, ...read(alias, alias.FunctionVersion) };
  };

  const point = async (
    functionName: string,
    alias: AliasConfiguration,
    version: string,
    more: { readonly weights?: Readonly<Record<string, number>>; readonly description?: string } = {},
  ) => {
    try {
      await lambda.send(
        new UpdateAliasCommand({
          FunctionName: functionName,
          Name: alias.Name,
          FunctionVersion: version,
          RoutingConfig: { AdditionalVersionWeights: { ...more.weights } },
          ...(more.description !== undefined && { Description: more.description }),
          // Two who deploy at once: the second is told.
          RevisionId: alias.RevisionId,
        }),
      );
    } catch (cause) {
      if (Object(cause).name !== 'PreconditionFailedException') throw cause;
      throw new KumulusError('conflict', `somebody else has moved ${functionName} meanwhile`, { cause });
    }
  };

  return {
    async current(functionName) {
      const alias = await find(functionName, liveAlias);
      return alias?.FunctionVersion === undefined ? undefined : read(alias, alias.FunctionVersion);
    },

    async tryOut(functionName, version, share) {
      const alias = await live(functionName);
      await point(functionName, alias, alias.version, { weights: { [version]: share } });
    },

    async goTo(functionName, version) {
      const alias = await live(functionName);
      if (alias.version === version && alias.tried === undefined) return;
      await point(functionName, alias, version);
    },

    async remember(functionName, rollOut) {
      const { version } = await live(functionName);
      const alias = await find(functionName, previousAlias);
      if (alias === undefined) {
        const names = { FunctionName: functionName, Name: previousAlias };
        await lambda.send(
          new CreateAliasCommand({ ...names, FunctionVersion: version, Description: rollOut }),
        );
      } else if (alias.Description !== rollOut) {
        await point(functionName, alias, version, { description: rollOut });
      }
    },

    async stepBack(functionName) {
      const alias = await live(functionName);
      if (alias.tried !== undefined) {
        await point(functionName, alias, alias.version);
        return { from: alias.tried.version, to: alias.version };
      }
      const previous = (await find(functionName, previousAlias))?.FunctionVersion;
      if (previous === undefined) {
        throw new KumulusError(
          'not_found',
          `${functionName} is at version ${alias.version}, and no other is known to have been there before`,
        );
      }
      if (previous !== alias.version) await point(functionName, alias, previous);
      return { from: alias.version, to: previous };
    },
  };
}

function read({ RoutingConfig: routing }: AliasConfiguration, version: string): LiveVersion {
  const [tried] = Object.entries(routing?.AdditionalVersionWeights ?? {});
  return { version, ...(tried !== undefined && { tried: { version: tried[0], share: tried[1] } }) };
}
