import type { InvokeLater } from '../functions/later.ts';
import type { FunctionPool } from '../functions/pool.ts';
import type { Messaging } from '../messaging/messaging.ts';
import type { Dynamo } from '../tables/dynalite.ts';
import type { Service } from './gateway.ts';
import { AwsError, jsonAnswer } from './wire.ts';

export const dynamoService =
  (dynamo: Dynamo): Service =>
  async ({ name, input }) => {
    const answer = await dynamo.call(name, input);
    return jsonAnswer(answer.body, answer.statusCode);
  };

/** SQS, SNS and S3 speak for themselves. */
export const messagingService =
  (messaging: Messaging): Service =>
  (_operation, request) =>
    messaging.http(request);

export const lambdaService =
  (poolOf: (nameOrArn: string) => FunctionPool | undefined, invokeLater: InvokeLater): Service =>
  async ({ input }, request) => {
    const pool = poolOf(String(input.FunctionName));
    if (!pool)
      throw new AwsError(
        'ResourceNotFoundException',
        `Function not found: ${String(input.FunctionName)}`,
        404,
      );
    const body = Buffer.from(request.body).toString('utf8');
    const event: unknown = body === '' ? {} : JSON.parse(body);
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type === 'DryRun') return { statusCode: 204, headers: {}, body: new Uint8Array() };
    if (type === 'Event') {
      await invokeLater(pool.definition.arn, event);
      return { statusCode: 202, headers: {}, body: new Uint8Array() };
    }
    const answer = await pool.invoke(event);
    if ('error' in answer) {
      const failed = jsonAnswer(answer.error, 200, 'application/json');
      return { ...failed, headers: { ...failed.headers, 'x-amz-function-error': 'Unhandled' } };
    }
    return { ...jsonAnswer(answer.payload ?? 'null', 200, 'application/json') };
  };
