import type { STSClient } from '@aws-sdk/client-sts';
import type { ActionKind } from '../action-kinds.ts';
import { clientSettings } from './client.ts';

export type SessionCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
};

/** One role a kind of action that was opted in at deploy. */
export interface ActionRoles {
  readonly kinds: readonly ActionKind[];
  /**
   * Takes the role of a kind. `policy` narrows it to what one plan names: a policy document, as an object. Throws for a
   * kind that has no role.
   */
  assume(
    kind: ActionKind,
    session: { readonly policy: unknown; readonly sessionName: string },
  ): Promise<SessionCredentials>;
}

/** The shortest that STS gives: an action is one invocation. */
const sessionSeconds = 900;

let shared: STSClient | undefined;

/**
 * `address` is what the ARNs of the roles begin with, then `<kind>=<name of its role>`, all comma-separated: whole ARNs of
 * every kind would fill the 4 KB that the environment of a function may have.
 */
export const openActionRoles = (address: string): ActionRoles => {
  const [prefix = '', ...pairs] = address.split(',');
  const arns = new Map(
    pairs.map((pair) => {
      const [kind = '', name = ''] = pair.split('=', 2);
      return [kind as ActionKind, `${prefix}${name}`];
    }),
  );
  return {
    kinds: [...arns.keys()],
    async assume(kind, { policy, sessionName }) {
      const RoleArn = arns.get(kind);
      if (RoleArn === undefined) throw new Error(`${kind} was not opted in at deploy: it has no role`);
      const sdk = await import('./sdk/sts.aws.ts');
      shared ??= new sdk.STSClient(clientSettings);
      const { Credentials } = await shared.send(
        new sdk.AssumeRoleCommand({
          RoleArn,
          RoleSessionName: sessionName,
          Policy: JSON.stringify(policy),
          DurationSeconds: sessionSeconds,
        }),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
        throw new Error(`STS gave no credentials for the role of ${kind}`);
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiresAt: Expiration.getTime(),
      };
    },
  };
};
