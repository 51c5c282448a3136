import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
  SSMServiceException,
} from '@aws-sdk/client-ssm';
import { CommandError } from './failure.ts';

/** Secrets of a deployed stack: SecureStrings under its path, with the caller's own AWS credentials. */
export const stackSecrets = (stack: string, region: string | undefined) => {
  const client = new SSMClient(region === undefined ? {} : { region });
  const path = `/homeostat/${stack}/`;
  const asked = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      if (error instanceof ParameterNotFound) throw error;
      throw new CommandError(adviceFor(error as Error));
    }
  };
  return {
    where: `for the stack ${stack}, in SSM under ${path}`,
    set: async (name: string, Value: string): Promise<void> => {
      const Description = 'A secret that checks of Homeostat refer to.';
      const input = {
        Name: `${path}${name}`,
        Value,
        Type: 'SecureString',
        Overwrite: true,
        Description,
      } as const;
      await asked(client.send(new PutParameterCommand(input)));
    },
    list: async (): Promise<readonly string[]> => {
      const names: string[] = [];
      let NextToken: string | undefined;
      do {
        const page = await asked(
          client.send(
            new DescribeParametersCommand({
              ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: [path] }],
              ...(NextToken !== undefined && { NextToken }),
            }),
          ),
        );
        names.push(...(page.Parameters ?? []).map(({ Name = '' }) => Name.slice(path.length)));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return names.sort();
    },
    remove: async (name: string): Promise<boolean> => {
      try {
        await asked(client.send(new DeleteParameterCommand({ Name: `${path}${name}` })));
        return true;
      } catch (error) {
        if (error instanceof ParameterNotFound) return false;
        throw error;
      }
    },
  };
};

const adviceFor = (error: Error): string => {
  if (/[Rr]egion is missing/.test(error.message)) {
    return 'Say the region of the stack with --region, or set AWS_REGION.';
  }
  if (error.name === 'CredentialsProviderError') {
    return 'There are no AWS credentials here: sign in as you do for «cdk deploy», or set AWS_PROFILE.';
  }
  return error instanceof SSMServiceException
    ? `SSM refused: ${error.message}`
    : `SSM could not be reached: ${error.message}`;
};
