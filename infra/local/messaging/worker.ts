/** The thread that hosts SQS, SNS and S3: fauxqs, seeing the driven time when there is one. */
import module from 'node:module';
import { parentPort } from 'node:worker_threads';
import { givenToThread } from '../thread.ts';
import { installDrivenDate } from '../time/driven-date.ts';
import { openFauxqs, type SqsQueue } from './fauxqs.ts';
import { readObject } from './objects.ts';
import { keepOrder, receivable, takeInOrder } from './ordered.ts';
import type { CallName, Calls, FromWorker, Message, MessagingWorkerData, ToWorker } from './protocol.ts';

const { dataDir, region, driven } = givenToThread<MessagingWorkerData>();
if (driven) installDrivenDate(driven);

const tell = (message: FromWorker): void => parentPort?.postMessage(message);
/** Queues whose arrivals the host wants to be told of: dead letters. */
const arrivals = new Set<string>();
const fauxqs = await openFauxqs(dataDir, region, (spied) => {
  if (spied.service === 'sqs' && spied.status === 'published' && arrivals.has(spied.queueName)) {
    tell({ kind: 'arrived', queue: spied.queueName });
  }
});

/** Watched queues, and whether the host already knows that messages are there. */
const watched = new Map<string, { told: boolean }>();

const queueNamed = (name: string): SqsQueue => {
  const queue = fauxqs.sqs.getQueueByName(name);
  if (!queue) throw new Error(`there is no queue ${name}`);
  return queue;
};

const earliest = (instants: readonly (number | undefined)[]): number | undefined =>
  instants.reduce(
    (first, at) => (at !== undefined && (first === undefined || at < first) ? at : first),
    undefined,
  );

const nextOf = (queue: SqsQueue): number | undefined => {
  const { delayed, inflight } = queue.inspectMessages();
  return earliest([
    ...delayed.map((message) => message.delayUntil),
    ...inflight.map((entry) => entry.visibilityDeadline),
  ]);
};

/** Moves what is due to where it can be received, tells the host of it, and comes back when the next is due. */
let timer: NodeJS.Timeout | undefined;
const lookAtClock = (): { deliverable: number; nextAt: number | undefined } => {
  let deliverable = 0;
  let nextAt: number | undefined;
  for (const [name, watch] of watched) {
    const queue = queueNamed(name);
    queue.processTimers();
    const ready = receivable(queue);
    deliverable += ready;
    nextAt = earliest([nextAt, nextOf(queue)]);
    if (ready > 0 && !watch.told) {
      watch.told = true;
      tell({ kind: 'ready', queue: name });
    }
  }
  clearTimeout(timer);
  if (nextAt !== undefined && !driven) {
    timer = setTimeout(lookAtClock, Math.min(Math.max(nextAt - Date.now(), 1), 15_000));
  }
  return { deliverable, nextAt };
};

const receive = (name: string, maximum: number): Message[] => {
  const queue = queueNamed(name);
  const received: Message[] = [];
  // SQS hands out ten a call; Lambda's poller makes several calls for a bigger batch.
  const takeSome = (): boolean => {
    if (received.length >= maximum) return false;
    const part = fauxqs.together(() =>
      queue.dequeue(Math.min(10, maximum - received.length), undefined, (arn) =>
        fauxqs.sqs.getQueueByArn(arn),
      ),
    );
    for (const { ReceiptHandle } of part) {
      if (isTooOld(queue, ReceiptHandle)) queue.deleteMessage(ReceiptHandle);
      else received.push(messageOf(queue, ReceiptHandle));
    }
    return part.length > 0;
  };
  if (queue.isFifo()) takeInOrder(queue, takeSome);
  else while (takeSome());
  const watch = watched.get(name);
  if (watch && received.length < maximum) watch.told = false;
  return received;
};

/** The same for a queue that nothing reads: what is too old stands at its front. */
const forget = (queue: SqsQueue): void => {
  const retentionMs = Number(queue.attributes.MessageRetentionPeriod) * 1000;
  const { ready } = queue.inspectMessages();
  const fresh = ready.findIndex(({ sentTimestamp }) => sentTimestamp + retentionMs > Date.now());
  const tooOld = queue.isFifo() ? 0 : fresh === -1 ? ready.length : fresh;
  for (let left = tooOld; left > 0; ) {
    const part = queue.dequeue(Math.min(10, left), undefined, () => undefined);
    for (const { ReceiptHandle } of part) queue.deleteMessage(ReceiptHandle);
    left = part.length === 0 ? 0 : left - part.length;
  }
};

/** fauxqs keeps messages for ever; SQS drops them after the queue's retention period. */
const isTooOld = (queue: SqsQueue, receiptHandle: string): boolean => {
  const message = queue.inflightMessages.get(receiptHandle)?.message;
  const retentionMs = Number(queue.attributes.MessageRetentionPeriod) * 1000;
  return message !== undefined && message.sentTimestamp + retentionMs <= Date.now();
};

const messageOf = (queue: SqsQueue, receiptHandle: string): Message => {
  const message = queue.inflightMessages.get(receiptHandle)?.message;
  if (!message) throw new Error(`the receipt handle ${receiptHandle} is not in flight`);
  return {
    messageId: message.messageId,
    receiptHandle,
    body: message.body,
    md5OfBody: message.md5OfBody,
    messageAttributes: message.messageAttributes,
    attributes: {
      ApproximateReceiveCount: String(message.approximateReceiveCount),
      SentTimestamp: String(message.sentTimestamp),
      SenderId: '000000000000',
      ApproximateFirstReceiveTimestamp: String(
        message.approximateFirstReceiveTimestamp ?? message.sentTimestamp,
      ),
      ...(message.messageGroupId !== undefined && { MessageGroupId: message.messageGroupId }),
      ...(message.messageDeduplicationId !== undefined && {
        MessageDeduplicationId: message.messageDeduplicationId,
      }),
      ...(message.sequenceNumber !== undefined && { SequenceNumber: message.sequenceNumber }),
    },
  };
};

const calls: { [C in CallName]: (request: Calls[C][0]) => Calls[C][1] | Promise<Calls[C][1]> } = {
  async http({ method, url, headers, body }) {
    const answer = await fauxqs.app.inject({
      method,
      url,
      headers: { ...headers },
      payload: Buffer.from(body),
    });
    const plain: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && name !== 'connection') plain[name] = String(value);
    }
    return { statusCode: answer.statusCode, headers: plain, body: answer.rawPayload };
  },
  createQueue({ name, arn, url, attributes }) {
    const existing = fauxqs.sqs.getQueueByName(name);
    if (existing) existing.setAttributes({ RedrivePolicy: '', ...attributes });
    else {
      const made = fauxqs.sqs.createQueue(name, url, arn, attributes);
      if (made.isFifo()) keepOrder(made);
    }
  },
  createTopic({ name, attributes }) {
    fauxqs.sns.createTopic(name, attributes, undefined, region);
  },
  subscribe({ topicArn, protocol, endpoint, attributes }) {
    fauxqs.sns.subscribe(topicArn, protocol, endpoint, attributes);
  },
  createBucket({ name }) {
    fauxqs.s3.createBucket(name);
  },
  readObject: ({ bucket, key }) => readObject(fauxqs.s3, bucket, key),
  watch({ queue }) {
    queueNamed(queue);
    watched.set(queue, { told: false });
  },
  tellArrivals({ queue }) {
    arrivals.add(queue);
  },
  receive: ({ queue, maximum }) => receive(queue, maximum),
  remove({ queue, receiptHandles }) {
    fauxqs.together(() => {
      for (const handle of receiptHandles) queueNamed(queue).deleteMessage(handle);
    });
  },
  hide({ queue, receiptHandle, seconds }) {
    queueNamed(queue).changeVisibility(receiptHandle, seconds);
  },
  send({ queue, body, delaySeconds }) {
    queueNamed(queue).enqueue(fauxqs.newMessage(body, delaySeconds));
  },
  state: () => lookAtClock(),
  depths() {
    const depths: Record<string, { ready: number; delayed: number; inFlight: number }> = {};
    for (const queue of fauxqs.sqs.allQueues()) {
      forget(queue);
      const { ready, delayed, inflight } = queue.inspectMessages();
      depths[queue.name] = { ready: ready.length, delayed: delayed.length, inFlight: inflight.length };
    }
    return depths;
  },
  peek({ queue }) {
    forget(queueNamed(queue));
    return queueNamed(queue)
      .inspectMessages()
      .ready.map((message) => message.body);
  },
  async close() {
    clearTimeout(timer);
    await fauxqs.close();
  },
};

parentPort?.on('message', async ({ id, call, request }: ToWorker) => {
  try {
    const answer = await calls[call](request as never);
    tell({ kind: 'answer', id, answer });
    if (call !== 'close' && call !== 'state') lookAtClock();
  } catch (error) {
    tell({ kind: 'refused', id, message: error instanceof Error ? error.message : String(error) });
  }
});
tell({ kind: 'started' });
// Now rather than at the end, for the thread is ended from outside.
module.flushCompileCache();
