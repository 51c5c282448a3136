import {
  type AwsRequest,
  type AwsState,
  accountId,
  elements,
  listed,
  Refused,
  type Tags,
  xml,
} from './aws-state.ts';

/** Elastic Compute Cloud, the EC2 query protocol: instances that are stopped and started. */

export type Instance = {
  state: 'running' | 'stopped' | 'stopping';
  /** It never gets to where it is sent. */
  isStuck: boolean;
  readonly tags: Tags;
};

const codes = { running: 16, stopping: 64, stopped: 80 } as const;
const stateIn = (name: string, state: Instance['state']): string =>
  `<${name}><code>${codes[state]}</code><name>${state}</name></${name}>`;

const instanceOf = ({ instances }: AwsState, id: string): Instance => {
  const found = instances.get(id);
  if (!found) throw new Refused('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
  return found;
};

const tagsOf = (tags: Tags): readonly string[] =>
  Object.entries(tags).map(([key, value]) => `<key>${key}</key><value>${value}</value>`);

const described = (id: string, { state, tags }: Instance): string =>
  `<instanceId>${id}</instanceId>${stateIn('instanceState', state)}<rootDeviceType>ebs</rootDeviceType>` +
  `<tagSet>${elements('item', tagsOf(tags))}</tagSet>`;

const move = (state: AwsState, ids: readonly string[], to: 'running' | 'stopped'): string => {
  const moved = ids.map((id) => {
    const instance = instanceOf(state, id);
    const before = instance.state;
    instance.state = instance.isStuck && to === 'stopped' ? 'stopping' : to;
    return `<instanceId>${id}</instanceId>${stateIn('currentState', instance.state)}${stateIn('previousState', before)}`;
  });
  return `<instancesSet>${elements('item', moved)}</instancesSet>`;
};

export const answerEc2 = (state: AwsState, { operation, input }: AwsRequest): string => {
  const ids = listed(input, 'InstanceId');
  switch (operation) {
    case 'DescribeInstances': {
      const items = ids.map((id) => described(id, instanceOf(state, id)));
      const reservation = `<reservationId>r-1</reservationId><ownerId>${accountId}</ownerId><instancesSet>${elements('item', items)}</instancesSet>`;
      return xml(operation, `<reservationSet><item>${reservation}</item></reservationSet>`);
    }
    case 'DescribeInstanceStatus': {
      const running = ids.filter((id) => instanceOf(state, id).state === 'running');
      const ok = elements('instanceStatus', ['<status>ok</status>']);
      const items = running.map(
        (id) => `<instanceId>${id}</instanceId>${ok}<systemStatus><status>ok</status></systemStatus>`,
      );
      return xml(operation, `<instanceStatusSet>${elements('item', items)}</instanceStatusSet>`);
    }
    case 'StopInstances':
      return xml(operation, move(state, ids, 'stopped'));
    case 'StartInstances':
      return xml(operation, move(state, ids, 'running'));
    case 'DescribeTags': {
      const id = String(input['Filter.1.Value.1']);
      const tags = state.instances.get(id)?.tags ?? {};
      return xml(operation, `<tagSet>${elements('item', tagsOf(tags))}</tagSet>`);
    }
    default:
      throw new Refused('InvalidAction', `EC2 of this story knows no ${operation}`);
  }
};
