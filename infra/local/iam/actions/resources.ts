import { arnOf, check, optionalText, type ServiceRules, text, texts } from './call.ts';

/** EC2 and Auto Scaling describe what they have on `*` only, as every operation that is in no table. */
export const ecs: ServiceRules = {
  operations: {
    DescribeServices: (input, call) => {
      const cluster = text(input, 'cluster').replace(/^arn:.*:cluster\//, '') || 'default';
      return [
        check(
          'ecs:DescribeServices',
          texts(input.services).map((name) =>
            name.startsWith('arn:') ? name : arnOf(call, 'ecs', `service/${cluster}/${name}`),
          ),
        ),
      ];
    },
  },
};

export const rds: ServiceRules = {
  operations: {
    DescribeDBInstances: (input, call) => [
      check(
        'rds:DescribeDBInstances',
        arnOf(call, 'rds', `db:${optionalText(input, 'DBInstanceIdentifier') ?? '*'}`),
      ),
    ],
  },
};
