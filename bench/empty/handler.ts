/**
 * Trigger: none; bench/functions.ts measures the others beside it.
 * Promise: what every function pays at least, a DynamoDB client and nothing else.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

let client: DynamoDBClient | undefined;

export const handler = async (): Promise<boolean> => {
  client ??= new DynamoDBClient({});
  return client.config.apiVersion.length > 0;
};
