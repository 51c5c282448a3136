/** What the host asks of the messaging worker, and what comes back. */

export type RawRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};
export type RawResponse = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type Message = {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, string>>;
};

/** An object of S3 with its headers in lower case, as a GET of it answers them. */
export type StoredObject = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type QueueDepth = { readonly ready: number; readonly delayed: number; readonly inFlight: number };

export type MessagingState = {
  /** Messages that a watched queue could hand out now. */
  readonly deliverable: number;
  /** When the next delayed or invisible message of a watched queue comes back. */
  readonly nextAt: number | undefined;
};

/** Requests by name: arguments and answer. */
export type Calls = {
  http: [request: RawRequest, answer: RawResponse];
  createQueue: [
    request: { name: string; arn: string; url: string; attributes: Record<string, string> },
    answer: undefined,
  ];
  createTopic: [request: { name: string; attributes: Record<string, string> }, answer: undefined];
  subscribe: [
    request: { topicArn: string; protocol: string; endpoint: string; attributes: Record<string, string> },
    answer: undefined,
  ];
  createBucket: [request: { name: string }, answer: undefined];
  /** By its key, letter for letter; undefined when there is none. */
  readObject: [request: { bucket: string; key: string }, answer: StoredObject | undefined];
  /** Tells of messages that can be received from the queue, from now on. */
  watch: [request: { queue: string }, answer: undefined];
  /** Tells of each message that comes to the queue, from now on. */
  tellArrivals: [request: { queue: string }, answer: undefined];
  receive: [request: { queue: string; maximum: number }, answer: readonly Message[]];
  remove: [request: { queue: string; receiptHandles: readonly string[] }, answer: undefined];
  hide: [request: { queue: string; receiptHandle: string; seconds: number }, answer: undefined];
  send: [request: { queue: string; body: string; delaySeconds: number }, answer: undefined];
  /** Looks at the clock again after a driven clock was moved. */
  state: [request: undefined, answer: MessagingState];
  depths: [request: undefined, answer: Readonly<Record<string, QueueDepth>>];
  peek: [request: { queue: string }, answer: readonly string[]];
  close: [request: undefined, answer: undefined];
};
export type CallName = keyof Calls;

export type ToWorker = { readonly id: number; readonly call: CallName; readonly request: unknown };
export type FromWorker =
  | { readonly kind: 'started' }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly message: string }
  | { readonly kind: 'ready'; readonly queue: string }
  /** A message came to a queue whose arrivals the host asked to be told of. */
  | { readonly kind: 'arrived'; readonly queue: string };

export type MessagingWorkerData = {
  readonly dataDir: string | undefined;
  readonly region: string;
  readonly driven: SharedArrayBuffer | undefined;
};
