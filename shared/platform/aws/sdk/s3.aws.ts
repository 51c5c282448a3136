// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
