// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
