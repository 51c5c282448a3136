import { clientSettings } from './client.ts';

export interface Secret {
  /** The current value. Not cached here: the caller knows how old it may be. */
  read(): Promise<string>;
}

/** The SDK client is loaded at the first read, for most invocations of a function never need it. */
export const openSecret = (arn: string): Secret => ({
  async read() {
    const sdk = await import('./sdk/secrets.aws.ts');
    const answer = await new sdk.SecretsManagerClient(clientSettings).send(
      new sdk.GetSecretValueCommand({ SecretId: arn }),
    );
    if (!answer.SecretString) throw new Error(`the secret ${arn} has no text value`);
    return answer.SecretString;
  },
});
