import type { IncomingMessage } from 'node:http';
import { requestTime, sourceIpOf } from './event.ts';
import type { HttpAnswer } from './response.ts';

/** What is known of a request once it is answered. */
export type Logged = {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly path: string;
  readonly answer: HttpAnswer;
  readonly routeKey: string | undefined;
  readonly principal: string | undefined;
  readonly error: string | undefined;
  readonly latencyMs: number;
  readonly now: number;
};

/** One line of the access log, by the stage's format with its `$context` variables. */
export const accessLine = (format: string, logged: Logged): string => {
  const values: Readonly<Record<string, string | undefined>> = {
    requestId: logged.requestId,
    requestTime: requestTime(logged.now),
    'identity.sourceIp': sourceIpOf(logged.request),
    'authorizer.principal': logged.principal,
    httpMethod: logged.request.method,
    path: logged.path,
    routeKey: logged.routeKey,
    status: String(logged.answer.statusCode),
    responseLength: String(logged.answer.body.length),
    responseLatency: String(Math.round(logged.latencyMs)),
    'error.message': logged.error,
    integrationErrorMessage: logged.error,
  };
  // Escaped as inside quotes of a JSON format, so that a client cannot write fields of its own into the line.
  return format.replaceAll(/\$context\.([\w.]*\w)/g, (_found, name: string) =>
    JSON.stringify(values[name] ?? '-').slice(1, -1),
  );
};
