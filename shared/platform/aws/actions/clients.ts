import type { Calls } from './calls.ts';

/** How the clients of one action's ports are opened. */
export type ClientWorld = {
  readonly calls: Calls;
  /** Of the assumed role; left out: the function's own. */
  readonly credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
    | undefined;
  readonly region?: string | undefined;
};
type Kind = 'read' | 'change';

/**
 * Reading is repeated by the SDK. A change is sent once and waited for as long as its caller has time: a client that
 * gives up after a few seconds makes «unknown» of what is only slow.
 */
const settings = {
  read: {
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  },
  change: {
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  },
} as const;

export const clientOptions = ({ credentials, region }: ClientWorld, kind: Kind) => ({
  ...settings[kind],
  ...(credentials && { credentials: { ...credentials } }),
  ...(region !== undefined && { region }),
});

type Answer = { readonly output?: unknown };
type Handler = (args: never) => Promise<Answer>;
type Stack = {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler, context: { readonly commandName?: string }) => Handler,
      options: { readonly step: 'initialize'; readonly name: string; readonly override: boolean },
    ): void;
  };
};

const requestIdOf = ({ output }: Answer): string => {
  const { $metadata } = (output ?? {}) as { $metadata?: { requestId?: string } };
  return $metadata?.requestId === undefined ? 'done' : `request ${$metadata.requestId}`;
};

/**
 * Has every call of a client noted. At the step `initialize` a call with all its repetitions is one; the name comes from
 * the SDK's context, for minified classes have none.
 */
export const noted = <C extends object>(
  client: C,
  { calls }: ClientWorld,
  service: string,
  kind: Kind,
): C => {
  (client as unknown as Stack).middlewareStack.add(
    (next, context) => (args) => {
      const operation = (context.commandName ?? 'unnamed').replace(/Command$/, '');
      return calls.make({ service, operation, kind }, () => next(args), requestIdOf);
    },
    { step: 'initialize', name: 'noteCall', override: true },
  );
  return client;
};

/** `cn-north-1` → `aws-cn`. */
export const partitionOf = (region: string): string =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
