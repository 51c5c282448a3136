import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../../shared/platform/clock.ts';
import type { Service } from '../gateway/gateway.ts';
import { AwsError, jsonAnswer } from '../gateway/wire.ts';
import { type GenerateSecretString, generateSecret } from './generate.ts';

export type SecretDefinition = {
  readonly arn: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
};

export type Secrets = {
  read(arn: string): string;
  /** Has another value from now until the host stops; what is kept stays as it is. */
  override(arn: string, value: string): void;
  /** The whole ARN for a name, a partial or a whole ARN. */
  arnOf(secretId: string): string | undefined;
  readonly service: Service;
};

type Stored = { readonly value: string; readonly versionId: string; readonly createdAt: number };

/**
 * Secrets Manager. A secret gets its value by the template's rules at the first start and keeps it in one file that
 * only the owner can read. `file` undefined keeps it in memory.
 */
export const openSecrets = (
  definitions: readonly SecretDefinition[],
  file: string | undefined,
  clock: Clock,
): Secrets => {
  const stored: Record<string, Stored> = Object.assign(
    Object.create(null),
    file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {},
  );
  const overridden = new Map<string, Stored>();
  const keep = (): void => {
    if (file === undefined) return;
    // Written aside and renamed, so that a kill leaves the old file or the new one, never half of it.
    writeFileSync(`${file}.new`, JSON.stringify(stored, null, 2), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const write = (arn: string, value: string): void => {
    overridden.delete(arn);
    stored[arn] = { value, versionId: randomUUID(), createdAt: clock() };
    keep();
  };
  for (const { arn, properties } of definitions) {
    if (stored[arn]) continue;
    const given = properties.SecretString;
    write(
      arn,
      typeof given === 'string'
        ? given
        : generateSecret((properties.GenerateSecretString ?? {}) as GenerateSecretString),
    );
  }
  const arnOf = (id: string): string | undefined =>
    definitions.find(
      ({ arn, name }) => arn === id || name === id || (id.startsWith('arn:') && arn.startsWith(`${id}-`)),
    )?.arn;
  const read = (arn: string): Stored => {
    const found = overridden.get(arn) ?? stored[arn];
    if (!found)
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return found;
  };

  return {
    read: (arn) => read(arn).value,
    override: (arn, value) => overridden.set(arn, { value, versionId: randomUUID(), createdAt: clock() }),
    arnOf,
    service: async ({ name: operation, input }) => {
      const arn = arnOf(String(input.SecretId ?? '')) ?? '';
      const secret = read(arn);
      const name = definitions.find((definition) => definition.arn === arn)?.name;
      const about = { ARN: arn, Name: name, CreatedDate: secret.createdAt / 1000 };
      switch (operation) {
        case 'GetSecretValue':
          return jsonAnswer({
            ...about,
            VersionId: secret.versionId,
            SecretString: secret.value,
            VersionStages: ['AWSCURRENT'],
          });
        case 'DescribeSecret':
          return jsonAnswer({ ...about, VersionIdsToStages: { [secret.versionId]: ['AWSCURRENT'] } });
        case 'PutSecretValue':
          if (typeof input.SecretString !== 'string') {
            throw new AwsError('InvalidParameterException', 'only SecretString is hosted on one machine');
          }
          write(arn, input.SecretString);
          return jsonAnswer({ ...about, VersionId: read(arn).versionId, VersionStages: ['AWSCURRENT'] });
        default:
          throw new AwsError(
            'UnknownOperationException',
            `secretsmanager:${operation} is not hosted on one machine`,
          );
      }
    },
  };
};
