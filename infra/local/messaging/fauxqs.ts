import { keepOrder } from './ordered.ts';

/**
 * fauxqs without its own server: `startFauxqs` would listen on every interface of the machine, and only its stores
 * tell what is due when. They are loaded by file, for the package exports only its app.
 */
type SqsMessage = {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly messageAttributes: Record<string, unknown>;
  readonly sentTimestamp: number;
  readonly approximateReceiveCount: number;
  readonly approximateFirstReceiveTimestamp?: number;
  readonly delayUntil?: number;
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  /** Digits; only of queues that are first in, first out. */
  readonly sequenceNumber?: string;
};
export type SqsQueue = {
  readonly name: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  isFifo(): boolean;
  /** By group, without what is delayed or in flight. */
  readonly fifoMessages: ReadonlyMap<string, SqsMessage[]>;
  /** How many messages of a group are in flight. */
  readonly fifoLockedGroups: Map<string, number>;
  setAttributes(attributes: Record<string, string>): void;
  enqueue(message: SqsMessage): void;
  dequeue(
    maximum: number,
    visibilityTimeout: number | undefined,
    deadLetters: (arn: string) => SqsQueue | undefined,
  ): { readonly ReceiptHandle: string }[];
  deleteMessage(receiptHandle: string): boolean;
  changeVisibility(receiptHandle: string, seconds: number): void;
  processTimers(): void;
  readonly inflightMessages: ReadonlyMap<
    string,
    { readonly message: SqsMessage; readonly visibilityDeadline: number }
  >;
  inspectMessages(): {
    readonly ready: readonly SqsMessage[];
    readonly delayed: readonly SqsMessage[];
    readonly inflight: readonly { readonly message: SqsMessage; readonly visibilityDeadline: number }[];
  };
};
type SqsStore = {
  region?: string;
  spy?: { addMessage(message: Spied): void };
  persistence?: Persistence;
  createQueue(name: string, url: string, arn: string, attributes: Record<string, string>): SqsQueue;
  getQueueByName(name: string): SqsQueue | undefined;
  getQueueByArn(arn: string): SqsQueue | undefined;
  allQueues(): Iterable<SqsQueue & { persistence?: Persistence }>;
};
type SnsStore = {
  region?: string;
  persistence?: Persistence;
  createTopic(name: string, attributes: Record<string, string>, tags: undefined, region: string): unknown;
  subscribe(
    topicArn: string,
    protocol: string,
    endpoint: string,
    attributes: Record<string, string>,
  ): unknown;
};
type S3Object = {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentLanguage?: string;
  readonly contentDisposition?: string;
  readonly cacheControl?: string;
  readonly contentEncoding?: string;
};
type S3Store = {
  persistence?: Persistence;
  createBucket(name: string): void;
  /** Throws an error whose code is NoSuchKey when there is none. */
  getObject(bucket: string, key: string): S3Object;
};
type Database = { exec(sql: string): void; prepare(sql: string): { run(...values: unknown[]): unknown } };
type Persistence = {
  readonly db: Database;
  load(sqs: SqsStore, sns: SnsStore, s3: S3Store): void;
  updateMessageReady(messageId: string): void;
  close(): void;
};
export type Spied = {
  readonly service: string;
  readonly status: string;
  readonly queueName: string;
  readonly messageId: string;
  readonly body: string;
};
type App = {
  ready(): PromiseLike<unknown>;
  close(): PromiseLike<unknown>;
  inject(request: {
    method: string;
    url: string;
    headers: Record<string, string>;
    payload: Buffer;
  }): Promise<{
    statusCode: number;
    headers: Record<string, string | number | string[] | undefined>;
    rawPayload: Buffer;
  }>;
};

export type Fauxqs = {
  readonly app: App;
  readonly sqs: SqsStore;
  readonly sns: SnsStore;
  readonly s3: S3Store;
  newMessage(body: string, delaySeconds: number): SqsMessage;
  /** Runs several writes as one, so that a kill between them leaves none or all. */
  together<T>(work: () => T): T;
  close(): Promise<void>;
};

const load = async <M>(file: string): Promise<M> =>
  (await import(new URL(file, import.meta.resolve('fauxqs')).href)) as M;

export const openFauxqs = async (
  dataDir: string | undefined,
  region: string,
  onSpied: (message: Spied) => void,
): Promise<Fauxqs> => {
  const [{ buildApp }, sqsModule, { SnsStore }, { S3Store }, { PersistenceManager }] = await Promise.all([
    load<{ buildApp: (options: unknown) => App }>('./app.js'),
    load<{ SqsStore: SqsStoreClass }>('./sqs/sqsStore.js'),
    load<{ SnsStore: new () => SnsStore }>('./sns/snsStore.js'),
    load<{ S3Store: new () => S3Store }>('./s3/s3Store.js'),
    load<{ PersistenceManager: new (folder: string) => Persistence }>('./persistence.js'),
  ]);
  const sqs = new sqsModule.SqsStore();
  const sns = new SnsStore();
  const s3 = new S3Store();
  sqs.region = region;
  sns.region = region;
  sqs.spy = { addMessage: onSpied };
  const persistence = dataDir === undefined ? undefined : new PersistenceManager(dataDir);
  if (persistence) persist(persistence, sqs, sns, s3);
  const app = buildApp({
    logger: false,
    defaultRegion: region,
    stores: { sqsStore: sqs, snsStore: sns, s3Store: s3 },
  });
  await app.ready();
  return {
    app,
    sqs,
    sns,
    s3,
    newMessage: (body, delaySeconds) =>
      sqsModule.SqsStore.createMessage(body, {}, delaySeconds > 0 ? delaySeconds : undefined),
    together: (work) => (persistence ? transaction(persistence.db, work) : work()),
    async close() {
      await app.close();
      persistence?.close();
    },
  };
};

type SqsStoreClass = {
  new (): SqsStore;
  createMessage(
    body: string,
    attributes: Record<string, never>,
    delaySeconds: number | undefined,
  ): SqsMessage;
};

/** The order is fauxqs' own: what is loaded must not be written again, which would cascade into deletes. */
const persist = (persistence: Persistence, sqs: SqsStore, sns: SnsStore, s3: S3Store): void => {
  // Commits reach the operating system but not the disk at once: a killed process loses none, a power cut may.
  persistence.db.exec('PRAGMA synchronous = NORMAL');
  // fauxqs would write no receive count here, which its own schema refuses.
  const markReady = persistence.db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => void markReady.run(messageId);
  persistence.load(sqs, sns, s3);
  sqs.persistence = persistence;
  sns.persistence = persistence;
  s3.persistence = persistence;
  for (const queue of sqs.allQueues()) {
    queue.persistence = persistence;
    if (queue.isFifo()) keepOrder(queue);
  }
};

const transaction = <T>(database: Database, work: () => T): T => {
  database.exec('BEGIN');
  try {
    return work();
  } finally {
    database.exec('COMMIT');
  }
};
