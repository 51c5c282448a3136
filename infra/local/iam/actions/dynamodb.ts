import {
  type AccessCheck,
  type AwsCall,
  asInput,
  type CallRule,
  check,
  type Input,
  inputs,
  nameOrArn,
  onResource,
  optionalText,
  type ServiceRules,
  sameName,
  text,
} from './call.ts';

function table(input: Input, call: AwsCall): string {
  return nameOrArn(call, 'dynamodb', text(input, 'TableName'), 'table/');
}

/** Item operations bring the keys a policy may restrict; a query on an index is checked against the index alone. */
function item(operation: string): CallRule {
  return (input, call) => {
    const index = optionalText(input, 'IndexName');
    const resource = index ? `${table(input, call)}/index/${index}` : table(input, call);
    return [check(`dynamodb:${operation}`, resource, contextOf(input))];
  };
}

function contextOf(input: Input) {
  return {
    'dynamodb:Select': optionalText(input, 'Select'),
    'dynamodb:ReturnValues': optionalText(input, 'ReturnValues'),
    'dynamodb:ReturnConsumedCapacity': optionalText(input, 'ReturnConsumedCapacity'),
  };
}

/** BatchGetItem and BatchWriteItem are actions of their own, checked for each table named in RequestItems. */
function batch(operation: string): CallRule {
  return (input, call) => {
    const tables = Object.keys(asInput(input.RequestItems));
    const resources = tables.map((name) => nameOrArn(call, 'dynamodb', name, 'table/'));
    return resources.length === 0 ? [] : [check(`dynamodb:${operation}`, resources, contextOf(input))];
  };
}

/** A transaction has no action of its own: each of its items needs the action it would need alone. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Get: 'dynamodb:GetItem',
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

function transaction(operation: string): CallRule {
  return (input, call) => {
    const tablesOf = new Map<string, string[]>();
    for (const entry of inputs(input.TransactItems)) {
      for (const [kind, request] of Object.entries(entry)) {
        const action = TRANSACTION_ACTIONS[kind];
        if (action) tablesOf.set(action, [...(tablesOf.get(action) ?? []), table(asInput(request), call)]);
      }
    }
    const context = { 'dynamodb:EnclosingOperation': operation };
    return [...tablesOf].map(([action, tables]): AccessCheck => check(action, tables, context));
  };
}

const ITEM_OPERATIONS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan'];

export const dynamodb: ServiceRules = {
  operations: {
    ...Object.fromEntries(ITEM_OPERATIONS.map((operation) => [operation, item(operation)])),
    BatchGetItem: batch('BatchGetItem'),
    BatchWriteItem: batch('BatchWriteItem'),
    TransactGetItems: transaction('TransactGetItems'),
    TransactWriteItems: transaction('TransactWriteItems'),
    ...onResource(
      table,
      sameName(
        'dynamodb',
        'CreateTable',
        'DescribeTable',
        'UpdateTable',
        'DeleteTable',
        'DescribeTimeToLive',
        'UpdateTimeToLive',
        'DescribeContinuousBackups',
        'UpdateContinuousBackups',
      ),
    ),
  },
};
