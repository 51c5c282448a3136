import type { RawTemplate } from './assembly.ts';

/** Resource types that this machine hosts. */
export const hostedTypes: readonly string[] = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
];

/** Types that do nothing on one machine, each with the reason why leaving it out changes nothing for a function. */
export const inertTypes: Readonly<Record<string, string>> = {
  'AWS::CDK::Metadata': 'it only tells AWS which constructs were used',
  'AWS::Logs::LogGroup': 'log lines go to files under the data folder, cut by size',
  'AWS::Scheduler::ScheduleGroup': 'it only groups schedules for people',
};

/** A resource that a function of the stack makes: CloudFormation invokes it with what is wanted. */
export const isCustomType = (type: string): boolean => type.startsWith('Custom::');

/** Throws a sentence with the name of the first resource that is neither hosted nor inert. */
export const checkHosted = (template: RawTemplate): void => {
  for (const [logicalId, { Type }] of Object.entries(template.Resources ?? {})) {
    if (hostedTypes.includes(Type) || isCustomType(Type) || Object.hasOwn(inertTypes, Type)) continue;
    throw new Error(
      `the local host does not know ${Type} (resource ${logicalId}): host it in infra/local, or list it in infra/local/hosted.ts with the reason why it may be left out`,
    );
  }
};
