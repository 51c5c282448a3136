import { type AwsRequest, type AwsState, arnOf, elements, Refused, type Tags } from './aws-state.ts';

/** EC2 Auto Scaling, the query protocol: groups whose capacity is set. */

export type Group = {
  readonly min: number;
  readonly max: number;
  desired: number;
  readonly tags: Tags;
};

const answerOf = (operation: string, inner: string): string =>
  `<${operation}Response><${operation}Result>${inner}</${operation}Result><ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></${operation}Response>`;

const tagsOf = (name: string, tags: Tags): readonly string[] =>
  Object.entries(tags).map(
    ([key, value]) =>
      `<ResourceId>${name}</ResourceId><ResourceType>auto-scaling-group</ResourceType><Key>${key}</Key><Value>${value}</Value><PropagateAtLaunch>false</PropagateAtLaunch>`,
  );

const described = (name: string, { min, max, desired, tags }: Group): string => {
  const members = Array.from(
    { length: desired },
    (_, no) =>
      `<InstanceId>i-${String(no).padStart(17, '0')}</InstanceId><AvailabilityZone>eu-central-1a</AvailabilityZone>` +
      '<LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus><ProtectedFromScaleIn>false</ProtectedFromScaleIn>',
  );
  return (
    `<AutoScalingGroupName>${name}</AutoScalingGroupName>` +
    `<AutoScalingGroupARN>${arnOf('autoscaling', `autoScalingGroup:12345678-1234-1234-1234-123456789012:autoScalingGroupName/${name}`)}</AutoScalingGroupARN>` +
    `<MinSize>${min}</MinSize><MaxSize>${max}</MaxSize><DesiredCapacity>${desired}</DesiredCapacity>` +
    `<Instances>${elements('member', members)}</Instances><Tags>${elements('member', tagsOf(name, tags))}</Tags>`
  );
};

export const answerAutoScaling = (state: AwsState, { operation, input }: AwsRequest): string => {
  switch (operation) {
    case 'DescribeAutoScalingGroups': {
      const name = String(input['AutoScalingGroupNames.member.1']);
      const group = state.groups.get(name);
      const found = elements('member', group ? [described(name, group)] : []);
      return answerOf(operation, `<AutoScalingGroups>${found}</AutoScalingGroups>`);
    }
    case 'SetDesiredCapacity': {
      const group = state.groups.get(String(input.AutoScalingGroupName));
      if (!group) throw new Refused('ValidationError', 'AutoScalingGroup name not found');
      const desired = Number(input.DesiredCapacity);
      if (desired < group.min || desired > group.max)
        throw new Refused('ValidationError', `New SetDesiredCapacity value ${desired} is out of bounds.`);
      group.desired = desired;
      return answerOf(operation, '');
    }
    case 'DescribeTags': {
      const name = String(input['Filters.member.1.Values.member.1']);
      const tags = tagsOf(name, state.groups.get(name)?.tags ?? {});
      return answerOf(operation, `<Tags>${elements('member', tags)}</Tags>`);
    }
    default:
      throw new Refused('InvalidAction', `Auto Scaling of this story knows no ${operation}`);
  }
};
