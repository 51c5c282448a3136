import { CfnDistribution } from 'aws-cdk-lib/aws-cloudfront';
import { CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import { App, Aspects } from 'aws-cdk-lib/core';
import { parseConfig } from '../../infra/config.ts';
import { synthesizeInto } from '../../infra/synth.ts';
import { groupArn, orchestratorKeyName } from './remedies.ts';

const { AWS_ENDPOINT_URL: endpoint = '' } = process.env;

/**
 * What MiniStack 1.5.33 does otherwise than AWS, and the way around it:
 * - For an origin under the names of AWS it answers 502, unless that is a load balancer or a function URL. So the
 *   distribution asks the same API at the emulator's own address, where the path tells which API is meant.
 * - It takes every request for one in the clear, so that the bucket would refuse the distribution too.
 */
const suitEmulator = (node: unknown): void => {
  if (node instanceof CfnDistribution) {
    const { hostname, port } = new URL(endpoint);
    node.addPropertyOverride('DistributionConfig.Origins.1', {
      DomainName: hostname,
      OriginPath: { 'Fn::Join': ['', ['/_aws/execute-api/', { Ref: 'Api' }, '/$default']] },
      CustomOriginConfig: { OriginProtocolPolicy: 'http-only', HTTPPort: Number(port) },
    });
  }
  if (node instanceof CfnBucketPolicy)
    node.addPropertyOverride('PolicyDocument.Statement.0.Condition.Bool', {
      'aws:PrincipalIsAWSService': 'false',
    });
};

// The same stack as infra/app.ts makes, but for what the emulator needs and the one thing that a deployment is never
// allowed: loopback targets. In the emulator functions are processes of this machine, so its loopback is where the test
// can open some.
const app = new App({ autoSynth: false });
Aspects.of(app).add({ visit: suitEmulator });
const config = parseConfig({
  allowedPrivateRanges: ['127.0.0.0/8'],
  actions: { webhook: {}, 'asg-scale': { arns: [groupArn] } },
  secrets: [orchestratorKeyName],
});
await synthesizeInto(app, { config, checked: true });
