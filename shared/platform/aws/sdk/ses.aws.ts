// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
