// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export {
  DescribeParametersCommand,
  GetParameterCommand,
  ParameterNotFound,
  SSMClient,
} from '@aws-sdk/client-ssm';
