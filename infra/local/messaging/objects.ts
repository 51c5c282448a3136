import type { Fauxqs } from './fauxqs.ts';
import type { StoredObject } from './protocol.ts';

/** Reads the store itself: a key in a URL would be made plainer on the way, and `..` in it lead to another bucket. */
export const readObject = (store: Fauxqs['s3'], bucket: string, key: string): StoredObject | undefined => {
  try {
    const object = store.getObject(bucket, key);
    const headers: Record<string, string | undefined> = {
      'content-type': object.contentType,
      etag: object.etag,
      'last-modified': object.lastModified.toUTCString(),
      'cache-control': object.cacheControl,
      'content-encoding': object.contentEncoding,
      'content-language': object.contentLanguage,
      'content-disposition': object.contentDisposition,
    };
    const present = Object.entries(headers).filter(
      (header): header is [string, string] => header[1] !== undefined,
    );
    return { headers: Object.fromEntries(present), body: object.body };
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NoSuchKey') return undefined;
    throw error;
  }
};
