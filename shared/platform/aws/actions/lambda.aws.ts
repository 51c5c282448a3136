import {
  DeleteProvisionedConcurrencyConfigCommand,
  GetAliasCommand,
  GetProvisionedConcurrencyConfigCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { type ClientWorld, clientOptions, noted } from './clients.ts';
import { isNamed } from './outcome.ts';

export type LambdaAlias = {
  /** Of the alias: `…:function:name:alias`. */
  readonly arn: string;
  readonly version: string;
  /** Share of calls, 0–1, that go to other versions. */
  readonly weights: Readonly<Record<string, number>>;
};

export type ProvisionedConcurrency = {
  readonly requested: number;
  readonly available: number;
  /** IN_PROGRESS, READY, FAILED. */
  readonly status: string;
  readonly reason: string | undefined;
};

export interface LambdaPort {
  /** `id` is `function:alias`. */
  alias(id: string): Promise<LambdaAlias | undefined>;
  /** Numbers of the published versions, oldest first; at most the first 500. */
  versions(id: string): Promise<readonly string[]>;
  provisioned(id: string): Promise<ProvisionedConcurrency | undefined>;
  setAlias(id: string, to: Pick<LambdaAlias, 'version' | 'weights'>): Promise<void>;
  /** 0 takes provisioned concurrency away. */
  setProvisioned(id: string, concurrency: number): Promise<void>;
}

const mostPages = 10;

export const openLambda = (world: ClientWorld): LambdaPort => {
  const reader = noted(new LambdaClient(clientOptions(world, 'read')), world, 'lambda', 'read');
  const changer = noted(new LambdaClient(clientOptions(world, 'change')), world, 'lambda', 'change');
  const options = { abortSignal: world.calls.signal };
  const parts = (id: string) => {
    const at = id.lastIndexOf(':');
    return { FunctionName: id.slice(0, at), Name: id.slice(at + 1) };
  };
  const qualified = (id: string) => ({ FunctionName: parts(id).FunctionName, Qualifier: parts(id).Name });
  const absent = <T>(answer: Promise<T>, name: string): Promise<T | undefined> =>
    answer.catch((error: unknown) => {
      if (isNamed(error, name)) return undefined;
      throw error;
    });
  return {
    alias: async (id) => {
      const found = await absent(
        reader.send(new GetAliasCommand(parts(id)), options),
        'ResourceNotFoundException',
      );
      if (!found) return undefined;
      return {
        arn: found.AliasArn ?? '',
        version: found.FunctionVersion ?? '',
        weights: found.RoutingConfig?.AdditionalVersionWeights ?? {},
      };
    },
    versions: async (id) => {
      const { FunctionName } = parts(id);
      const versions: string[] = [];
      let Marker: string | undefined;
      for (let page = 0; page < mostPages; page += 1) {
        const answer: { Versions?: { Version?: string }[]; NextMarker?: string } = await reader.send(
          new ListVersionsByFunctionCommand({ FunctionName, MaxItems: 50, ...(Marker && { Marker }) }),
          options,
        );
        versions.push(...(answer.Versions ?? []).map(({ Version = '' }) => Version));
        Marker = answer.NextMarker;
        if (!Marker) break;
      }
      return versions
        .filter((version) => /^\d+$/.test(version))
        .sort((one, other) => Number(one) - Number(other));
    },
    provisioned: async (id) => {
      const found = await absent(
        reader.send(new GetProvisionedConcurrencyConfigCommand(qualified(id)), options),
        'ProvisionedConcurrencyConfigNotFoundException',
      );
      if (!found) return undefined;
      return {
        requested: found.RequestedProvisionedConcurrentExecutions ?? 0,
        available: found.AvailableProvisionedConcurrentExecutions ?? 0,
        status: found.Status ?? 'unknown',
        reason: found.StatusReason,
      };
    },
    setAlias: async (id, { version, weights }) => {
      await changer.send(
        new UpdateAliasCommand({
          ...parts(id),
          FunctionVersion: version,
          RoutingConfig: { AdditionalVersionWeights: { ...weights } },
        }),
        options,
      );
    },
    setProvisioned: async (id, concurrency) => {
      if (concurrency === 0)
        await changer.send(new DeleteProvisionedConcurrencyConfigCommand(qualified(id)), options);
      else
        await changer.send(
          new PutProvisionedConcurrencyConfigCommand({
            ...qualified(id),
            ProvisionedConcurrentExecutions: concurrency,
          }),
          options,
        );
    },
  };
};
