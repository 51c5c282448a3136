import type { S3Client } from '@aws-sdk/client-s3';
import { clientSettings } from './client.ts';

export type FileToPut = {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
};

/** The files of a bucket. */
export interface Files {
  /** The bucket's name. */
  readonly address: string;
  put(file: FileToPut): Promise<void>;
  /** All of them, a thousand a call; a bucket that is not there holds none. */
  list(): Promise<readonly { readonly key: string; readonly writtenAt: number }[]>;
  /** A file that is not there is deleted already. */
  delete(key: string): Promise<void>;
}

let client: S3Client | undefined;
const s3 = async () => {
  const sdk = await import('./sdk/s3.aws.ts');
  // The name of the bucket in the path works at every endpoint; as a part of the host it needs DNS that knows it.
  client ??= new sdk.S3Client({ ...clientSettings, forcePathStyle: true });
  return { sdk, client };
};

const isMissing = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchBucket';

const listAll = async (Bucket: string) => {
  const { sdk, client } = await s3();
  const files: { key: string; writtenAt: number }[] = [];
  for (let token: string | undefined, more = true; more; more = token !== undefined) {
    const page = await client.send(new sdk.ListObjectsV2Command({ Bucket, ContinuationToken: token }));
    for (const { Key: key, LastModified } of page.Contents ?? [])
      if (key !== undefined) files.push({ key, writtenAt: LastModified?.getTime() ?? 0 });
    token = page.NextContinuationToken;
  }
  return files;
};

export const openFiles = (bucket: string): Files => ({
  address: bucket,
  async put({ key, body, contentType, cacheControl }) {
    const { sdk, client } = await s3();
    await client.send(
      new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        CacheControl: cacheControl,
      }),
    );
  },
  async list() {
    return listAll(bucket).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  },
  async delete(key) {
    const { sdk, client } = await s3();
    await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});
