import { beforeAll, describe, expect, test } from 'vitest';
import { contracts } from '../../functions/index.ts';
import {
  at,
  functionCalled,
  list,
  named,
  ofType,
  statementsOf,
  synthesized,
  type Template,
} from './assembly.ts';

let template: Template;
beforeAll(async () => {
  template = await synthesized({ namePrefix: 'team-a' });
}, 60_000);

const machines = () =>
  ofType(template, 'AWS::StepFunctions::StateMachine').map(([, { Properties: own }]) => own);
const idOf = (name: string): string => functionCalled(template, name)[0];

describe('the state machines', () => {
  test('are standard ones, called by the stack and their workflow', () => {
    expect(machines().map((own) => [own.StateMachineName, own.StateMachineType])).toEqual(
      ['heal', 'drift', 'cost', 'rollback', 'scale'].map((name) => [`team-a-Homeostat-${name}`, 'STANDARD']),
    );
  });

  test('have their own steps for the names in the definition, and may call these and nothing else', () => {
    const steps = {
      Gate: idOf('remedy-gate'),
      Approval: idOf('remedy-approval'),
      Apply: idOf('remedy-apply'),
      Verify: idOf('remedy-verify'),
      Close: idOf('remedy-close'),
    };
    for (const own of machines()) {
      const { CallAndWait, ...functions } = own.DefinitionSubstitutions as Record<string, unknown>;
      expect(CallAndWait).toEqual({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':states:::lambda:invoke.waitForTaskToken']],
      });
      expect(Object.fromEntries(Object.entries(functions).map(([name, arn]) => [name, named(arn)]))).toEqual(
        steps,
      );
      const placeholders = [...String(own.DefinitionString).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
      expect([...new Set(placeholders)].sort()).toEqual([...Object.keys(steps), 'CallAndWait'].sort());
      const role = template.Resources[named(own.RoleArn) ?? ''];
      expect(at(role?.Properties, 'AssumeRolePolicyDocument', 'Statement')).toEqual([
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: 'states.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ]);
      const [statement, ...more] = role ? statementsOf(role) : [];
      expect(more).toEqual([]);
      expect(list(statement?.Action)).toEqual(['lambda:InvokeFunction']);
      expect(list(statement?.Resource).map(named)).toEqual(Object.values(steps));
    }
  });

  test('write no log and no trace, which would cost and need a role more', () => {
    for (const own of machines()) {
      expect([own.LoggingConfiguration, own.TracingConfiguration]).toEqual([undefined, undefined]);
    }
  });

  test('a function is a step of a machine or starts one, never both', () => {
    const starting = Object.values(contracts).filter(
      ({ needs }) => 'workflows' in needs && (needs.workflows as readonly string[]).includes('start'),
    );
    expect(starting.length).toBeGreaterThan(0);
    expect(starting.filter(({ trigger }) => trigger.kind === 'step')).toEqual([]);
  });
});

describe('what starts the responder', () => {
  const rules = () =>
    ofType(template, 'AWS::Events::Rule').filter(
      ([, { Properties: own }]) => named(at(list(own.Targets)[0], 'Arn')) === idOf('responder'),
    );

  test('events of the bus, and executions of its own that ended badly, which the default bus tells', () => {
    const [fromBus, fromAws] = rules().map(([, { Properties: own }]) => own);
    expect(named(fromBus?.EventBusName)).toBe('Bus');
    expect(fromBus?.EventPattern).toEqual({
      source: ['homeostat'],
      'detail-type': [
        'check.status_changed',
        'deployment.status_changed',
        'finding.changed',
        'plan.decided',
        'release.changed',
        'remediation.changed',
      ],
    });
    expect(fromAws?.EventBusName).toBeUndefined();
    expect(at(fromAws?.EventPattern, 'source')).toEqual(['aws.states']);
    expect(at(fromAws?.EventPattern, 'detail-type')).toEqual(['Step Functions Execution Status Change']);
    expect(at(fromAws?.EventPattern, 'detail', 'status')).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    expect(
      list(at(fromAws?.EventPattern, 'detail', 'stateMachineArn')).map((arn) =>
        list(at(arn, 'Fn::Join')).flat().at(-1),
      ),
    ).toEqual(
      ['heal', 'drift', 'cost', 'rollback', 'scale'].map((name) => `:stateMachine:team-a-Homeostat-${name}`),
    );
    expect(rules()).toHaveLength(2);
  });

  test('what could not be delivered in a day, or failed three times, is a dead letter that an alarm tells of (fault 10)', () => {
    const [lost = ''] = ofType(template, 'AWS::SQS::Queue')
      .map(([id]) => id)
      .filter((id) => id.startsWith('LostEvents'));
    for (const [, { Properties: own }] of rules()) {
      const [target] = list(own.Targets);
      expect(at(target, 'RetryPolicy')).toEqual({
        MaximumEventAgeInSeconds: 86_400,
        MaximumRetryAttempts: 185,
      });
      expect(named(at(target, 'DeadLetterConfig', 'Arn'))).toBe(lost);
    }
    const [config] = ofType(template, 'AWS::Lambda::EventInvokeConfig')
      .map(([, { Properties: own }]) => own)
      .filter(({ FunctionName }) => named(FunctionName) === idOf('responder'));
    expect(config).toMatchObject({
      MaximumEventAgeInSeconds: 21_600,
      MaximumRetryAttempts: 2,
      Qualifier: '$LATEST',
    });
    expect(named(at(config, 'DestinationConfig', 'OnFailure', 'Destination'))).toBe(lost);
    const alarm = ofType(template, 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties: own }]) => named(at(list(own.Dimensions)[0], 'Value')) === lost,
    );
    expect(alarm).toHaveLength(1);
  });

  test('only these two rules may start it', () => {
    const permissions = ofType(template, 'AWS::Lambda::Permission')
      .map(([, { Properties: own }]) => own)
      .filter(({ FunctionName }) => named(FunctionName) === idOf('responder'));
    expect(
      permissions.map(({ Action, Principal, SourceArn }) => [Action, Principal, named(SourceArn)]),
    ).toEqual(rules().map(([id]) => ['lambda:InvokeFunction', 'events.amazonaws.com', id]));
  });
});
