import { randomBytes } from 'node:crypto';

/**
 * A task token names its execution, so that the gateway knows which state machine a caller must be allowed to answer
 * for, also after a restart. It cannot be guessed.
 */
export const newToken = (executionArn: string): string =>
  Buffer.from(JSON.stringify([executionArn, randomBytes(24).toString('base64url')])).toString('base64url');

export const executionOfToken = (token: string): string | undefined => {
  try {
    const [arn] = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown[];
    return typeof arn === 'string' ? arn : undefined;
  } catch {
    return undefined;
  }
};

/** `arn:…:execution:<machine>:<name>` → `arn:…:stateMachine:<machine>` */
export const machineOfExecution = (executionArn: string): string | undefined => {
  const [, prefix, machine] =
    /^(arn:[^:]+:states:[^:]*:[^:]*):execution:([^:]+):[^:]+$/.exec(executionArn) ?? [];
  return machine === undefined ? undefined : `${prefix}:stateMachine:${machine}`;
};
