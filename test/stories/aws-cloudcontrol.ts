import { isDeepStrictEqual } from 'node:util';
import { type AwsRequest, type AwsState, arnOf, Refused, type Tags } from './aws-state.ts';

/** Cloud Control, JSON 1.0: resources of any type, patched by RFC 6902. */

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Properties = { [name: string]: Json };

export const logGroup = (
  name: string,
  properties: Properties & { readonly Tags?: never },
  tags: Tags,
): Properties => ({
  LogGroupName: name,
  Arn: arnOf('logs', `log-group:${name}:*`),
  ...properties,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});

type Operation = {
  readonly op: 'add' | 'replace' | 'remove' | 'test';
  readonly path: string;
  readonly value?: Json;
};

/** Only the first level: what stories patch. */
const patched = (properties: Properties, document: readonly Operation[]): Properties => {
  const next = { ...properties };
  for (const { op, path, value = null } of document) {
    const [, name = '', ...deeper] = path.split('/');
    if (deeper.length > 0) throw new Refused('UnsupportedActionException', `${path} is too deep for a story`);
    const isThere = Object.hasOwn(next, name);
    if (op !== 'add' && !isThere) throw new Refused('ValidationException', `${path} is not there`);
    if (op === 'test' && !isDeepStrictEqual(next[name], value))
      throw new Refused('ValidationException', `the test of ${path} failed`);
    if (op === 'add' || op === 'replace') next[name] = value;
    if (op === 'remove') delete next[name];
  }
  return next;
};

type Input = {
  readonly TypeName: string;
  readonly Identifier: string;
  readonly PatchDocument: string;
  readonly ClientToken?: string;
  readonly RequestToken: string;
};

const progress = (
  token: string,
  { status, message }: { readonly status: string; readonly message: string },
) => ({
  ProgressEvent: {
    RequestToken: token,
    Operation: 'UPDATE',
    OperationStatus: status,
    StatusMessage: message,
  },
});

export const answerCloudControl = (state: AwsState, { operation, input }: AwsRequest): string => {
  const { TypeName, Identifier, PatchDocument, ClientToken = '', RequestToken } = input as unknown as Input;
  const key = `${TypeName} ${Identifier}`;
  switch (operation) {
    case 'GetResource': {
      const properties = state.resources.get(key);
      if (!properties) throw new Refused('ResourceNotFoundException', `there is no ${key}`);
      const ResourceDescription = { Identifier, Properties: JSON.stringify(properties) };
      return JSON.stringify({ TypeName, ResourceDescription });
    }
    case 'UpdateResource': {
      const token = `request-${ClientToken}`;
      const known = state.requests.get(token);
      if (known) return JSON.stringify(progress(token, known));
      const properties = state.resources.get(key);
      if (!properties) throw new Refused('ResourceNotFoundException', `there is no ${key}`);
      state.resources.set(key, patched(properties, JSON.parse(PatchDocument)));
      const done = { status: 'SUCCESS', message: '' };
      state.requests.set(token, done);
      return JSON.stringify(progress(token, { ...done, status: 'IN_PROGRESS' }));
    }
    case 'GetResourceRequestStatus': {
      const known = state.requests.get(RequestToken);
      if (!known) throw new Refused('RequestTokenNotFoundException', `there is no request ${RequestToken}`);
      return JSON.stringify(progress(RequestToken, known));
    }
    default:
      throw new Refused('UnsupportedActionException', `Cloud Control of this story knows no ${operation}`);
  }
};
