import {
  CloudControlClient,
  GetResourceCommand,
  GetResourceRequestStatusCommand,
  UpdateResourceCommand,
} from '@aws-sdk/client-cloudcontrol';
import { type ClientWorld, clientOptions, noted, partitionOf } from './clients.ts';
import { isNamed } from './outcome.ts';

export type CloudControlRequest = {
  /** PENDING, IN_PROGRESS, SUCCESS, FAILED, CANCEL_IN_PROGRESS, CANCEL_COMPLETE. */
  readonly status: string;
  /** `NotUpdatable: …`; empty while nothing went wrong. */
  readonly detail: string;
};

export interface CloudControlPort {
  /** Its properties, parsed; undefined: there is none of this identifier. */
  properties(typeName: string, identifier: string): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** `patch` is a document of RFC 6902. The same token is one request, whose token is returned. */
  update(typeName: string, identifier: string, patch: string, clientToken: string): Promise<string>;
  /** Cloud Control keeps a request for a week. */
  request(requestToken: string): Promise<CloudControlRequest | undefined>;
  /** Where the permissions of a type's handlers are narrowed to. */
  place(): Promise<{ readonly partition: string; readonly region: string }>;
}

const asProperties = (text: string | undefined): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(text ?? '{}');
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error('Cloud Control answered properties that are no object');
  }
  return value as Readonly<Record<string, unknown>>;
};

export const openCloudControl = (world: ClientWorld): CloudControlPort => {
  const open = (kind: 'read' | 'change') =>
    noted(new CloudControlClient(clientOptions(world, kind)), world, 'cloudcontrol', kind);
  const [reader, changer] = [open('read'), open('change')];
  const options = { abortSignal: world.calls.signal };
  return {
    properties: async (typeName, identifier) => {
      try {
        const { ResourceDescription } = await reader.send(
          new GetResourceCommand({ TypeName: typeName, Identifier: identifier }),
          options,
        );
        return asProperties(ResourceDescription?.Properties);
      } catch (error) {
        if (isNamed(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      }
    },
    update: async (typeName, identifier, patch, clientToken) => {
      const { ProgressEvent } = await changer.send(
        new UpdateResourceCommand({
          TypeName: typeName,
          Identifier: identifier,
          PatchDocument: patch,
          ClientToken: clientToken,
        }),
        options,
      );
      if (ProgressEvent?.RequestToken === undefined) {
        throw new Error('Cloud Control answered without a request token');
      }
      return ProgressEvent.RequestToken;
    },
    request: async (requestToken) => {
      try {
        const { ProgressEvent } = await reader.send(
          new GetResourceRequestStatusCommand({ RequestToken: requestToken }),
          options,
        );
        const { OperationStatus, ErrorCode, StatusMessage } = ProgressEvent ?? {};
        return {
          status: OperationStatus ?? 'PENDING',
          detail: [ErrorCode, StatusMessage].filter(Boolean).join(': ').slice(0, 500),
        };
      } catch (error) {
        if (isNamed(error, 'RequestTokenNotFoundException')) return undefined;
        throw error;
      }
    },
    place: async () => {
      const region = await reader.config.region();
      return { partition: partitionOf(region), region };
    },
  };
};
