import type { LambdaClient } from '@aws-sdk/client-lambda';

/** Another function of this stack. */
export interface FunctionClient {
  /** Waits for the answer; throws when the function failed. A call is made once, never again by itself. */
  invoke(payload: unknown): Promise<unknown>;
}

/** Functions of the team's own. */
export interface TeamFunctions {
  readonly arns: readonly string[];
  invoke(arn: string, payload: unknown, signal: AbortSignal): Promise<unknown>;
}

/** What a called function threw, as Lambda reports it. */
export class FunctionFailed extends Error {
  override name = 'FunctionFailed';
}

/** A called function may take its whole time, so no time-out of ours ends the call before Lambda's own. */
const callSettings = { maxAttempts: 1, requestHandler: { connectionTimeout: 1_000 } } as const;

/** A function is called where it lives: its ARN names the region, a bare name is one of our own. */
const clients = new Map<string | undefined, LambdaClient>();
const regionOf = (nameOrArn: string): string | undefined => nameOrArn.split(':')[3];

/** Of a function that is not ours: parsed, megabytes of several at once would be more than a small function has. */
const longestForeignAnswer = 256 * 1024;

const call = async (
  FunctionName: string,
  payload: unknown,
  { signal, mostBytes }: { readonly signal?: AbortSignal; readonly mostBytes?: number } = {},
): Promise<unknown> => {
  const sdk = await import('./sdk/lambda.aws.ts');
  const region = regionOf(FunctionName);
  const client =
    clients.get(region) ?? new sdk.LambdaClient({ ...callSettings, ...(region !== undefined && { region }) });
  clients.set(region, client);
  const answer = await client.send(
    new sdk.InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(payload)) }),
    signal && { abortSignal: signal },
  );
  const bytes = answer.Payload?.byteLength ?? 0;
  if (mostBytes !== undefined && bytes > mostBytes)
    throw new FunctionFailed(`it answered ${bytes} bytes: answer at most ${mostBytes}`);
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError === undefined) return text === '' ? undefined : JSON.parse(text);
  throw new FunctionFailed(messageIn(text) ?? answer.FunctionError);
};

const messageIn = (text: string): string | undefined => {
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : undefined;
  } catch {
    return undefined;
  }
};

export const openFunction = (name: string): FunctionClient => ({ invoke: (payload) => call(name, payload) });

/** `address` is the comma-separated list of ARNs that were listed at deploy. */
export const openTeamFunctions = (address: string): TeamFunctions => ({
  arns: address.split(',').filter(Boolean),
  invoke: (arn, payload, signal) => call(arn, payload, { signal, mostBytes: longestForeignAnswer }),
});
