/**
 * List prices of us-east-1 in USD, 2026, without the free tiers. Source: the pricing pages of AWS. Other regions cost up
 * to a half more. A month has 30 days here.
 */
export const pricesUsd = {
  lambdaArmGbSecond: 0.0000133334,
  lambdaRequest: 0.0000002,
  /** 1 KB, on demand. */
  dynamodbWriteUnit: 0.000000625,
  /** 4 KB, on demand, strongly consistent; half for eventually consistent. */
  dynamodbReadUnit: 0.000000125,
  dynamodbGbMonth: 0.25,
  /** Each of send, receive and delete, with up to ten messages. */
  sqsRequest: 0.0000004,
  schedulerInvocation: 0.000001,
  cloudwatchAlarmMonth: 0.1,
  secretMonth: 0.4,
  /** An event source mapping with five idle pollers; 0.10 once Lambda keeps only two. */
  polledQueueMonth: 0.26,
  /** A run of a CloudWatch Synthetics canary. */
  syntheticsRun: 0.0012,
} as const;

export const secondsPerMonth = 30 * 86_400;
