import { type Access, serviceCaller } from '../gateway/access.ts';
import type { HttpAnswer } from '../http/response.ts';
import type { StoredObject } from '../messaging/messaging.ts';

export type ObjectsOptions = {
  readonly access: Access;
  readonly readObject: (bucket: string, key: string) => Promise<StoredObject | undefined>;
};

const cloudFront = serviceCaller('cloudfront.amazonaws.com');

/**
 * What S3 answers a distribution that asks for an object and signs as itself: the bucket's policy decides. To whom the
 * policy does not show what is in the bucket S3 does not tell either whether something is missing.
 */
export const answerFromBucket = async (
  { access, readObject }: ObjectsOptions,
  bucket: string,
  key: string,
  sourceArn: string,
): Promise<HttpAnswer> => {
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const context = { 'aws:SourceArn': sourceArn };
  const object = await readObject(bucket, key);
  if (!object) {
    const mayList = access.wouldAllow(cloudFront, 's3:ListBucket', bucketArn, context);
    return mayList ? xmlError(404, 'NoSuchKey', 'The specified key does not exist.') : denied();
  }
  const verdict = access.authorize(cloudFront, 's3:GetObject', `${bucketArn}/${key}`, context);
  return verdict.allowed ? { statusCode: 200, ...object } : denied();
};

const denied = (): HttpAnswer => xmlError(403, 'AccessDenied', 'Access Denied');

export const xmlError = (statusCode: number, code: string, message: string): HttpAnswer => ({
  statusCode,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  ),
});
