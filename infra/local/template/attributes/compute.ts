import { arn, iamArn, type Named, physicalName, property, roleId, shortId, uuid } from '../arns.ts';
import type { ResourceTypes } from './type.ts';

const lambdaFunction = (named: Named) => physicalName(named, 'FunctionName', 64);
const role = (named: Named) => physicalName(named, 'RoleName', 64);
const managedPolicy = (named: Named) => physicalName(named, 'ManagedPolicyName', 128);

/** `/` unless the template gives one; it begins and ends with a slash. */
const path = (named: Named) => property(named, 'Path') ?? '/';

const managedPolicyArn = (named: Named) => iamArn(named, `policy${path(named)}${managedPolicy(named)}`);
const stateMachine = (named: Named) => physicalName(named, 'StateMachineName', 80);
const stateMachineArn = (named: Named) => arn(named, 'states', `stateMachine:${stateMachine(named)}`);

/** Ids of the parts of an HTTP API: ten characters for the API, seven for what belongs to it. */
const apiId = (named: Named) => shortId(named, 10);
const partId = (named: Named) => shortId(named, 7);
const own = (named: Named) => physicalName(named, undefined);

export const COMPUTE: ResourceTypes = {
  'AWS::Lambda::Function': {
    ref: lambdaFunction,
    attributes: { Arn: (named) => arn(named, 'lambda', `function:${lambdaFunction(named)}`) },
  },
  'AWS::Lambda::EventSourceMapping': {
    ref: uuid,
    attributes: {
      Id: uuid,
      EventSourceMappingArn: (named) => arn(named, 'lambda', `event-source-mapping:${uuid(named)}`),
    },
  },
  'AWS::Lambda::Permission': { ref: own },
  'AWS::Lambda::EventInvokeConfig': { ref: own },
  'AWS::IAM::Role': {
    ref: role,
    attributes: { Arn: (named) => iamArn(named, `role${path(named)}${role(named)}`), RoleId: roleId },
  },
  'AWS::IAM::Policy': { ref: own, attributes: { Id: own } },
  'AWS::IAM::ManagedPolicy': { ref: managedPolicyArn, attributes: { PolicyArn: managedPolicyArn } },
  'AWS::StepFunctions::StateMachine': {
    ref: stateMachineArn,
    attributes: { Arn: stateMachineArn, Name: stateMachine },
  },
  'AWS::ApiGatewayV2::Api': {
    ref: apiId,
    attributes: { ApiId: apiId, ApiEndpoint: ({ machine }) => machine.apiUrl ?? machine.gatewayUrl },
  },
  'AWS::ApiGatewayV2::Stage': { ref: (named) => physicalName(named, 'StageName') },
  'AWS::ApiGatewayV2::Route': { ref: partId, attributes: { RouteId: partId } },
  'AWS::ApiGatewayV2::Integration': { ref: partId, attributes: { IntegrationId: partId } },
  'AWS::ApiGatewayV2::Authorizer': { ref: partId, attributes: { AuthorizerId: partId } },
};
