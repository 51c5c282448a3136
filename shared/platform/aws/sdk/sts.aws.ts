// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
