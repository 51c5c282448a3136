/** What passes between the host and the thread of one function instance. */

export type InstanceData = {
  /** The folder of the function's bundle. */
  readonly codeDir: string;
  /** As in the template: `index.handler`. */
  readonly handler: string;
  readonly driven: SharedArrayBuffer | undefined;
};

export type Invocation = {
  readonly event: unknown;
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly timeoutMs: number;
  readonly traceId: string;
};

/** An error as Lambda's Invoke answers it. */
export type FunctionError = {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
};

/** The host stopped before the function answered: nobody knows how far it came, and it is no failure of its own. */
export const hostStopped: FunctionError = {
  errorType: 'HostStopped',
  errorMessage: 'the host stopped before the function answered',
  trace: [],
};

export type InvocationAnswer =
  /** The returned value as JSON text; undefined when nothing was returned. */
  { readonly payload: string | undefined } | { readonly error: FunctionError };
