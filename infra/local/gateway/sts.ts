import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/platform/clock.ts';
import { MalformedPolicyError, parsePolicy } from '../iam/policy.ts';
import { sessionArn } from '../iam/principal.ts';
import { type Role, type Roles, roleCaller } from '../stack/roles.ts';
import type { Caller } from './access.ts';
import type { Service } from './gateway.ts';
import { newAccessKeyId } from './keys.ts';
import { AwsError, type Operation, xmlAnswer } from './wire.ts';

/** STS: who a caller is, and sessions of roles of the template. */
export type Sts = {
  readonly service: Service;
  /** The session behind an access key that AssumeRole gave out, until it expires. */
  callerByKey(accessKeyId: string): Caller | undefined;
};

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

export const createSts = (roles: Roles, accountId: string, clock: Clock): Sts => {
  const sessions = new Map<string, { readonly caller: Caller; readonly expiresAt: number }>();

  const assumeRole = ({ input }: Operation) => {
    const role = roles.all().find(({ arn }) => arn === input.RoleArn);
    const sessionName = String(input.RoleSessionName ?? '');
    // The gateway has found the role's trust policy, so the role is there.
    if (!role || sessionName === '')
      throw new AwsError('ValidationError', 'RoleArn and RoleSessionName are needed');
    const expiresAt = clock() + Number(input.DurationSeconds ?? 3600) * 1000;
    const accessKeyId = newAccessKeyId();
    const caller = sessionOf(role, sessionName, input.Policy);
    sessions.set(accessKeyId, { caller, expiresAt });
    const arn = caller.kind === 'principal' ? sessionArn(caller.principal) : undefined;
    const secret = randomBytes(30).toString('base64');
    return xmlAnswer(
      `<AssumeRoleResponse xmlns="${namespace}"><AssumeRoleResult>` +
        `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>` +
        `<SessionToken>${randomBytes(30).toString('base64')}</SessionToken>` +
        `<Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials>` +
        `<AssumedRoleUser><AssumedRoleId>${accessKeyId}:${sessionName}</AssumedRoleId><Arn>${arn}</Arn></AssumedRoleUser>` +
        `</AssumeRoleResult></AssumeRoleResponse>`,
    );
  };

  return {
    callerByKey(accessKeyId) {
      const session = sessions.get(accessKeyId);
      if (session && session.expiresAt <= clock()) sessions.delete(accessKeyId);
      return session && session.expiresAt > clock() ? session.caller : undefined;
    },
    service: async (operation, _request, caller) => {
      if (operation.name === 'AssumeRole') return assumeRole(operation);
      if (operation.name !== 'GetCallerIdentity') {
        throw new AwsError('InvalidAction', `sts:${operation.name} is not hosted on one machine`);
      }
      const isHost = caller.kind === 'host' || caller.principal.kind === 'service';
      const arn = isHost ? `arn:aws:iam::${accountId}:root` : (sessionArn(caller.principal) ?? caller.name);
      return xmlAnswer(
        `<GetCallerIdentityResponse xmlns="${namespace}"><GetCallerIdentityResult>` +
          `<Arn>${arn}</Arn><UserId>${operation.accessKeyId}</UserId><Account>${accountId}</Account>` +
          `</GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    },
  };
};

const sessionOf = (role: Role, sessionName: string, policy: unknown): Caller => {
  const caller = roleCaller(role, `${role.name}/${sessionName}`);
  if (caller.kind !== 'principal') return caller;
  const named: Caller = { ...caller, principal: { kind: 'role', arn: role.arn, sessionName } };
  if (typeof policy !== 'string') return named;
  try {
    const document = JSON.parse(policy) as unknown;
    parsePolicy(document, 'session policy');
    return { ...named, sessionPolicies: [document] };
  } catch (error) {
    const isMalformed = error instanceof MalformedPolicyError || error instanceof SyntaxError;
    throw isMalformed ? new AwsError('MalformedPolicyDocument', error.message) : error;
  }
};
