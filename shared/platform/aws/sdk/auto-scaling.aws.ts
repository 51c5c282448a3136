// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
