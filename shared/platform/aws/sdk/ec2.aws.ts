// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { DescribeInstanceStatusCommand, EC2Client } from '@aws-sdk/client-ec2';
