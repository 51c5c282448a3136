import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../../shared/platform/clock.ts';
import type { Service } from '../gateway/gateway.ts';
import { AwsError, jsonAnswer } from '../gateway/wire.ts';

export type ParameterDefinition = { readonly name: string; readonly type: string; readonly value: string };

type Stored = {
  readonly Type: string;
  readonly Value: string;
  readonly Version: number;
  readonly LastModifiedDate: number;
};

/** The parameter store of SSM: parameters of the template, and what functions put. */
export const openParameters = (
  definitions: readonly ParameterDefinition[],
  file: string | undefined,
  clock: Clock,
): Service => {
  const stored: Record<string, Stored> = Object.assign(
    Object.create(null),
    file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {},
  );
  const write = (name: string, type: string, value: string): Stored => {
    const made = {
      Type: type,
      Value: value,
      Version: (stored[name]?.Version ?? 0) + 1,
      LastModifiedDate: clock() / 1000,
    };
    stored[name] = made;
    if (file !== undefined) {
      writeFileSync(`${file}.new`, JSON.stringify(stored, null, 2), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    return made;
  };
  for (const { name, type, value } of definitions) if (!stored[name]) write(name, type, value);

  return async ({ name: operation, input }) => {
    const nameOf = (given: unknown): string => String(given ?? '').replace(/^arn:[^/]*:parameter(?=\/)/, '');
    const found = (name: string) => (stored[name] ? [{ Name: name, ...stored[name] }] : []);
    switch (operation) {
      case 'GetParameter': {
        const [parameter] = found(nameOf(input.Name));
        if (!parameter)
          throw new AwsError('ParameterNotFound', `there is no parameter ${nameOf(input.Name)}`);
        return jsonAnswer({ Parameter: parameter });
      }
      case 'GetParameters': {
        const names = (Array.isArray(input.Names) ? input.Names : []).map(nameOf);
        return jsonAnswer({
          Parameters: names.flatMap(found),
          InvalidParameters: names.filter((name) => !stored[name]),
        });
      }
      case 'PutParameter': {
        const name = nameOf(input.Name);
        if (stored[name] && input.Overwrite !== true) {
          throw new AwsError(
            'ParameterAlreadyExists',
            `the parameter ${name} exists; say Overwrite to replace it`,
          );
        }
        const type = String(input.Type ?? stored[name]?.Type ?? 'String');
        return jsonAnswer({
          Version: write(name, type, String(input.Value ?? '')).Version,
          Tier: 'Standard',
        });
      }
      default:
        throw new AwsError('UnknownOperationException', `ssm:${operation} is not hosted on one machine`);
    }
  };
};
