/** The thread of one function instance: loads the bundle AWS would get and runs one invocation at a time. */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { givenToThread } from '../thread.ts';
import { installDrivenDate } from '../time/driven-date.ts';
import type { FunctionError, InstanceData, Invocation, InvocationAnswer } from './protocol.ts';

const { codeDir, handler, driven } = givenToThread<InstanceData>();
if (driven) installDrivenDate(driven);

type Handler = (event: unknown, context: unknown) => unknown;

const load = async (): Promise<Handler> => {
  const [file = '', name = ''] = handler.split('.');
  const path = ['.mjs', '.js', '.cjs'].map((ending) => join(codeDir, file + ending)).find(existsSync);
  if (!path) throw new Error(`Cannot find module '${file}' in ${codeDir}`);
  const loaded = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const exported = loaded[name] ?? (loaded.default as Record<string, unknown> | undefined)?.[name];
  if (typeof exported !== 'function') throw new Error(`${handler} is undefined or not exported`);
  return exported as Handler;
};

const errorFrom = (error: unknown, type?: string): FunctionError => {
  if (!(error instanceof Error))
    return { errorType: type ?? typeof error, errorMessage: String(error), trace: [] };
  return {
    errorType: type ?? error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
};

/** Loaded at once, so that a thread started ahead is warm; a broken bundle fails each invocation with its reason. */
const loading = load().then(
  (run) => {
    // Now rather than at the end, for a thread is mostly ended from outside.
    module.flushCompileCache();
    return { run };
  },
  (error: unknown) => ({ error: errorFrom(error, 'Runtime.ImportModuleError') }),
);

const contextOf = (invocation: Invocation): Record<string, unknown> => {
  const startedAt = performance.now();
  return {
    functionName: invocation.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(invocation.memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: invocation.logGroup,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () =>
      Math.max(0, Math.floor(invocation.timeoutMs - (performance.now() - startedAt))),
  };
};

const answerTo = async (invocation: Invocation): Promise<InvocationAnswer> => {
  const loaded = await loading;
  if ('error' in loaded) return loaded;
  process.env._X_AMZN_TRACE_ID = invocation.traceId;
  try {
    return { payload: JSON.stringify(await loaded.run(invocation.event, contextOf(invocation))) };
  } catch (error) {
    return { error: errorFrom(error) };
  }
};

parentPort?.on('message', async (invocation: Invocation) => {
  parentPort?.postMessage(await answerTo(invocation));
});
