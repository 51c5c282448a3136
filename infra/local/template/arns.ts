/** Names and ids of resources as this machine gives them: always the same for the same stack. */
import { createHash } from 'node:crypto';
import type { Json } from './template.ts';

export type MachineIdentity = {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  /** Where the gateway answers AWS requests, such as http://127.0.0.1:4100; queue URLs begin with it. */
  readonly gatewayUrl: string;
  /** Where an HTTP API answers; the gateway's URL unless it has its own. */
  readonly apiUrl?: string;
};

/** One resource, with what naming it needs. */
export type Named = {
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, Json>>;
  readonly machine: MachineIdentity;
};

export function arn({ machine }: Named, service: string, resource: string): string {
  return `arn:aws:${service}:${machine.region}:${machine.accountId}:${resource}`;
}

/** IAM is not regional. */
export function iamArn({ machine }: Named, resource: string): string {
  return `arn:aws:iam::${machine.accountId}:${resource}`;
}

export function property(named: Named, name: string): string | undefined {
  const value = named.properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function flag(named: Named, name: string): boolean {
  const value = named.properties[name];
  return value === true || value === 'true';
}

/** The name the template gives, else `<stackName>-<logicalId>`, cut to the service's limit with a hash at its end. */
export function physicalName(named: Named, nameProperty: string | undefined, maxLength = 255): string {
  const given = nameProperty === undefined ? undefined : property(named, nameProperty);
  return given ?? fitted(`${named.machine.stackName}-${named.logicalId}`, maxLength);
}

export function fitted(name: string, maxLength: number): string {
  return name.length <= maxLength ? name : `${name.slice(0, maxLength - 9)}-${hash(name).slice(0, 8)}`;
}

/** Lower-case letters and digits, as the ids of APIs, routes and integrations have. */
export function shortId(named: Named, length: number): string {
  return BigInt(`0x${hash(seed(named))}`)
    .toString(36)
    .slice(0, length);
}

/** In the form of a UUID, as event source mappings and subscriptions have. */
export function uuid(named: Named): string {
  const digits = hash(seed(named));
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
  ];
  return [...parts, digits.slice(20, 32)].join('-');
}

/** The six characters Secrets Manager puts after a secret's name. */
export function secretSuffix(named: Named): string {
  return shortId(named, 6);
}

/** Role ids: `AROA` and 17 capital letters or digits. */
export function roleId(named: Named): string {
  return `AROA${shortId(named, 17).toUpperCase()}`;
}

function seed({ machine, logicalId }: Named): string {
  return `${machine.accountId}/${machine.region}/${machine.stackName}/${logicalId}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
