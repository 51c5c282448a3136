import { startThread } from '../thread.ts';
import type {
  CallName,
  Calls,
  FromWorker,
  Message,
  MessagingState,
  MessagingWorkerData,
  QueueDepth,
  RawRequest,
  RawResponse,
  StoredObject,
} from './protocol.ts';

export type { Message, QueueDepth, RawRequest, RawResponse, StoredObject };

/** SQS, SNS and S3 of the host, in a thread of their own. Queues are named by their name, not by URL. */
export type Messaging = {
  /** One request as it came over the wire from an SDK. */
  http(request: RawRequest): Promise<RawResponse>;
  /** Creates the queue or brings an existing one to these attributes; its messages stay. */
  createQueue(request: Calls['createQueue'][0]): Promise<void>;
  createTopic(request: Calls['createTopic'][0]): Promise<void>;
  subscribe(request: Calls['subscribe'][0]): Promise<void>;
  createBucket(request: Calls['createBucket'][0]): Promise<void>;
  /** Undefined when the bucket has no such key. */
  readObject(bucket: string, key: string): Promise<StoredObject | undefined>;
  /** Calls `onReady` each time messages have become receivable; the first `receive` that gets fewer than it asked for arms it again. */
  watch(queue: string, onReady: () => void): Promise<void>;
  /** Calls `onArrival` for each message that comes to the queue. */
  tellArrivals(queue: string, onArrival: () => void): Promise<void>;
  receive(queue: string, maximum: number): Promise<readonly Message[]>;
  remove(queue: string, receiptHandles: readonly string[]): Promise<void>;
  /** Lets a received message come back after `seconds` from now. */
  hide(queue: string, receiptHandle: string, seconds: number): Promise<void>;
  /** Sends as a service of the host would; the message is stored when this resolves. */
  send(queue: string, body: string, delaySeconds?: number): Promise<void>;
  state(): Promise<MessagingState>;
  depths(): Promise<Readonly<Record<string, QueueDepth>>>;
  /** Bodies of the receivable messages, without receiving them. */
  peek(queue: string): Promise<readonly string[]>;
  /** Finishes what was asked for and ends the thread. */
  close(): Promise<void>;
};

export const startMessaging = async (
  options: MessagingWorkerData,
  /** The thread ended although nobody asked it to: nothing can be delivered any more. */
  onBroken: (error: Error) => void,
): Promise<Messaging> => {
  const worker = startThread(new URL('./worker.ts', import.meta.url), options);
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  const watchers = new Map<string, () => void>();
  const arrivals = new Map<string, () => void>();
  let lastId = 0;
  let started: () => void = () => {};
  let broken: Error | undefined;

  let closing = false;
  const fail = (error: Error): void => {
    if (!broken && !closing) onBroken(error);
    broken ??= error;
    for (const { reject } of waiting.values()) reject(broken);
    waiting.clear();
  };
  const receiveFromWorker = (message: FromWorker): void => {
    if (message.kind === 'started') started();
    else if (message.kind === 'ready') watchers.get(message.queue)?.();
    else if (message.kind === 'arrived') arrivals.get(message.queue)?.();
    else {
      const caller = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'answer') caller?.resolve(message.answer as never);
      else caller?.reject(new Error(message.message));
    }
  };
  const ready = new Promise<void>((resolve, reject) => {
    started = resolve;
    worker.once('error', reject);
  });
  worker.on('message', receiveFromWorker);
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Error('the messaging thread has ended')));

  const call = <C extends CallName>(name: C, request: Calls[C][0]): Promise<Calls[C][1]> => {
    if (broken) return Promise.reject(broken);
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, call: name, request });
    });
  };

  await ready;
  return {
    http: (request) => call('http', request),
    createQueue: (request) => call('createQueue', request),
    createTopic: (request) => call('createTopic', request),
    subscribe: (request) => call('subscribe', request),
    createBucket: (request) => call('createBucket', request),
    readObject: (bucket, key) => call('readObject', { bucket, key }),
    watch(queue, onReady) {
      watchers.set(queue, onReady);
      return call('watch', { queue });
    },
    tellArrivals(queue, onArrival) {
      arrivals.set(queue, onArrival);
      return call('tellArrivals', { queue });
    },
    receive: (queue, maximum) => call('receive', { queue, maximum }),
    remove: (queue, receiptHandles) => call('remove', { queue, receiptHandles }),
    hide: (queue, receiptHandle, seconds) => call('hide', { queue, receiptHandle, seconds }),
    send: (queue, body, delaySeconds = 0) => call('send', { queue, body, delaySeconds }),
    state: () => call('state', undefined),
    depths: () => call('depths', undefined),
    peek: (queue) => call('peek', { queue }),
    async close() {
      closing = true;
      if (!broken) await call('close', undefined);
      await worker.terminate();
    },
  };
};
