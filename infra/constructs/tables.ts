import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { RemovalPolicy, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { StackConfig } from '../config.ts';
import type { ResourceTarget } from './permissions.ts';

/** The sparse index of items with unsent events; `shared/storage` asks it by this name. */
const dueIndex = 'due';

type Shape = { readonly pointInTimeRecovery: boolean; readonly due: boolean };

/**
 * The two tables. Neither has a name of its own, so that a second stack, or this one after a deletion that kept its
 * tables, never meets a name that is taken.
 */
export class Tables extends Construct {
  readonly state: ResourceTarget;
  readonly telemetry: ResourceTarget;

  constructor(scope: Construct, config: Pick<StackConfig, 'tableRemovalPolicy'>) {
    super(scope, 'Tables');
    const removal = config.tableRemovalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    this.state = this.#table('State', { pointInTimeRecovery: true, due: true }, removal);
    this.telemetry = this.#table('Telemetry', { pointInTimeRecovery: false, due: false }, removal);
  }

  #table(id: 'State' | 'Telemetry', shape: Shape, removal: RemovalPolicy): ResourceTarget {
    const table = new CfnTable(this, id, {
      billingMode: 'PAY_PER_REQUEST',
      attributeDefinitions: [
        { attributeName: 'pk', attributeType: 'S' },
        { attributeName: 'sk', attributeType: 'S' },
        ...(shape.due
          ? [
              { attributeName: 'due', attributeType: 'S' },
              { attributeName: 'dueAt', attributeType: 'N' },
            ]
          : []),
      ],
      keySchema: [
        { attributeName: 'pk', keyType: 'HASH' },
        { attributeName: 'sk', keyType: 'RANGE' },
      ],
      ...(shape.due
        ? {
            globalSecondaryIndexes: [
              {
                indexName: dueIndex,
                keySchema: [
                  { attributeName: 'due', keyType: 'HASH' },
                  { attributeName: 'dueAt', keyType: 'RANGE' },
                ],
                projection: { projectionType: 'KEYS_ONLY' },
              },
            ],
          }
        : {}),
      timeToLiveSpecification: { attributeName: 'expiresAt', enabled: true },
      // Encrypted with the key that DynamoDB owns: no key of the account to pay for or to grant.
      sseSpecification: { sseEnabled: false },
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: shape.pointInTimeRecovery },
    });
    // Pinned: a logical id that changed would make CloudFormation start over with an empty table.
    table.overrideLogicalId(id);
    table.applyRemovalPolicy(removal);
    if (!shape.pointInTimeRecovery) {
      Validations.of(table).acknowledge({
        id: 'AwsSolutions-DDB3',
        reason: 'Everything in it is rebuilt from the registry by the next runs or expires within days.',
      });
    }
    return {
      address: table.ref,
      arn: table.attrArn,
      ...(shape.due ? { dueIndexArn: `${table.attrArn}/index/${dueIndex}` } : {}),
    };
  }
}
