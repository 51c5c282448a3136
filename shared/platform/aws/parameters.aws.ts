import type { SSMClient } from '@aws-sdk/client-ssm';
import { clientSettings } from './client.ts';

/** Secrets by name, as SecureStrings under one path. */
export interface Parameters {
  /** The present value; undefined when there is none of this name. Not cached here. */
  read(name: string): Promise<string | undefined>;
  /** Which of these names exist; never a value. */
  list(names: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What DescribeParameters takes as values of one filter, and gives on one page. */
const namesPerCall = 50;

/** `prefix` ends in a slash: `/homeostat/Homeostat/`. The SDK client is loaded when first used. */
export const openParameters = (prefix: string): Parameters => {
  let client: SSMClient | undefined;
  const open = async () => {
    const sdk = await import('./sdk/ssm.aws.ts');
    client ??= new sdk.SSMClient(clientSettings);
    return { sdk, client };
  };
  return {
    async read(name) {
      const { sdk, client } = await open();
      try {
        const { Parameter } = await client.send(
          new sdk.GetParameterCommand({ Name: `${prefix}${name}`, WithDecryption: true }),
        );
        return Parameter?.Value;
      } catch (error) {
        if (error instanceof sdk.ParameterNotFound) return undefined;
        throw error;
      }
    },
    async list(names) {
      const found = new Set<string>();
      const wanted = [...new Set(names)];
      for (let from = 0; from < wanted.length; from += namesPerCall) {
        const { sdk, client } = await open();
        const Values = wanted.slice(from, from + namesPerCall).map((name) => `${prefix}${name}`);
        let NextToken: string | undefined;
        do {
          const page = await client.send(
            new sdk.DescribeParametersCommand({
              ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values }],
              MaxResults: namesPerCall,
              ...(NextToken !== undefined && { NextToken }),
            }),
          );
          for (const { Name = '' } of page.Parameters ?? []) found.add(Name.slice(prefix.length));
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
      }
      return found;
    },
  };
};
