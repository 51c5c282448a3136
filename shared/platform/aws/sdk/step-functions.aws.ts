// Named one by one, so that esbuild can leave the rest of the package out of the chunk.
export {
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
