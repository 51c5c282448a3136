import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { permissionsReport, type Template } from '../../cli/permissions.ts';
import { contracts } from '../../functions/index.ts';
import { everything, synthesized, temporaryFolder } from './assembly.ts';

const small: Template = {
  Resources: {
    Telemetry: { Type: 'AWS::DynamoDB::Table' },
    Sweeper30B1A830: {
      Type: 'AWS::Lambda::Function',
      Properties: { Role: { 'Fn::GetAtt': ['SweeperRole9AFE3768', 'Arn'] } },
    },
    SweeperRole9AFE3768: {
      Type: 'AWS::IAM::Role',
      Metadata: {
        homeostat: {
          purpose: 'Publishes what was left.',
          why: { Telemetry: 'finds what was left', Secrets: 'reads' },
        },
      },
      Properties: {
        Path: '/monitoring/',
        PermissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
        AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }] },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
        Policies: [
          {
            PolicyDocument: {
              Statement: [
                {
                  Sid: 'Telemetry',
                  Action: ['dynamodb:GetItem', 'dynamodb:Query'],
                  Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Telemetry', 'Arn'] }, '/index/due']] },
                },
                {
                  Sid: 'Secrets',
                  Action: 'ssm:GetParameter',
                  Resource: [
                    {
                      'Fn::Join': [
                        '',
                        [
                          'arn:',
                          { Ref: 'AWS::Partition' },
                          ':ssm:',
                          { Ref: 'AWS::Region' },
                          ':',
                          { Ref: 'AWS::AccountId' },
                          ':parameter/homeostat/Homeostat/DB',
                        ],
                      ],
                    },
                    'arn:aws:lambda:us-east-1:111122223333:function:theirs',
                  ],
                },
                { Sid: 'Else', Action: 's3:GetObject', Resource: '*', Condition: { Bool: { a: 'true' } } },
              ],
            },
          },
        ],
      },
    },
  },
};

/** The lines of a role that may do this and nothing else. */
const rowsOf = (statement: object): readonly string[] => {
  const Properties = { Policies: [{ PolicyDocument: { Statement: [statement] } }] };
  const template = { Resources: { Role: { Type: 'AWS::IAM::Role', Properties } } } as unknown as Template;
  return permissionsReport(template).split('\n').slice(3, -1);
};

describe('the report of permissions', () => {
  test('says for each role who takes it, what it may do on what, and why; what has no reason says so', () => {
    expect(permissionsReport(small).split('\n')).toEqual([
      'SweeperRole · path /monitoring/ · within arn:aws:iam::111122223333:policy/boundary',
      '  Publishes what was left.',
      '  Taken by lambda.amazonaws.com for function Sweeper',
      '  dynamodb:GetItem                                    table Telemetry/index/due                              finds what was left',
      '  dynamodb:Query',
      '  ssm:GetParameter                                    ssm parameter/homeostat/Homeostat/DB                   reads',
      '                                                      arn:aws:lambda:us-east-1:111122223333:function:theirs',
      '  s3:GetObject                                        *                                                      no reason is given',
      '                                                                                                             only when a is true',
      '  all of arn:aws:iam::aws:policy/AdministratorAccess  *                                                      no reason is given',
      '',
    ]);
  });

  test('says of a role that another one takes who that is, and counts policies beside a role as its own', () => {
    const report = permissionsReport({
      Resources: {
        ApplyRole9AFE3768: {
          Type: 'AWS::IAM::Role',
          Metadata: { homeostat: { purpose: 'Applies.', why: {} } },
          Properties: {
            AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }] },
          },
        },
        Taken1AFE3768: {
          Type: 'AWS::IAM::Role',
          Metadata: { homeostat: { purpose: 'Reboots.', why: { Action: 'what reboots' } } },
          Properties: {
            AssumeRolePolicyDocument: {
              Statement: [{ Principal: { AWS: { 'Fn::GetAtt': ['ApplyRole9AFE3768', 'Arn'] } } }],
            },
            Policies: [
              {
                PolicyDocument: {
                  Statement: [
                    {
                      Sid: 'Action',
                      Action: 'ec2:RebootInstances',
                      Resource: '*',
                      Condition: { StringEquals: { 'aws:ResourceTag/heal': 'yes' } },
                    },
                  ],
                },
              },
            ],
          },
        },
        Take7AFE3768: {
          Type: 'AWS::IAM::Policy',
          Metadata: { homeostat: { why: { Roles: 'takes it' } } },
          Properties: {
            Roles: [{ Ref: 'ApplyRole9AFE3768' }],
            PolicyDocument: {
              Statement: [
                {
                  Sid: 'Roles',
                  Action: 'sts:AssumeRole',
                  Resource: { 'Fn::GetAtt': ['Taken1AFE3768', 'Arn'] },
                },
              ],
            },
          },
        },
      },
    });
    expect(report.split('\n')).toEqual([
      'ApplyRole',
      '  Applies.',
      '  Taken by lambda.amazonaws.com for nothing in this template',
      '  sts:AssumeRole  Taken  takes it',
      '',
      'Taken',
      '  Reboots.',
      '  Taken by role ApplyRole',
      '  ec2:RebootInstances  *  what reboots',
      '                          only when the tag heal is yes',
      '',
    ]);
  });

  const near = (service: string, account: string | { Ref: string }, rest: string) => ({
    'Fn::Join': [
      '',
      ['arn:', { Ref: 'AWS::Partition' }, `:${service}:`, { Ref: 'AWS::Region' }, ':', account, `:${rest}`],
    ],
  });
  const own = { Ref: 'AWS::AccountId' };

  test.each([
    ['a workflow of its own', near('states', own, 'stateMachine:Shop-heal'), 'workflow Shop-heal'],
    ['what belongs to no account', near('ec2', '', 'image/*'), 'ec2 image/*'],
    ['a document of anybody', near('ssm', '*', 'document/Tidy'), 'ssm document/Tidy of any account'],
  ])('names %s in words', (_, Resource, expected) => {
    expect(rowsOf({ Action: 'a:B', Resource })).toEqual([`  a:B  ${expected}  no reason is given`]);
  });

  test.each([
    [
      { StringEquals: { 'aws:ResourceTag/team': ['shop', 'bank'], 'aws:ResourceTag/heal': 'yes' } },
      'the tag team is shop or bank and the tag heal is yes',
    ],
    [{ StringEquals: { 'aws:RequestTag/team': 'shop' } }, 'the new tag team is shop'],
    [{ ArnLike: { 'aws:SourceArn': 'arn:x:*' } }, 'aws:SourceArn is like arn:x:*'],
    [{ Null: { 'lambda:SourceFunctionArn': 'true' } }, 'lambda:SourceFunctionArn is not given'],
    [{ NumericLessThan: { 's3:max-keys': '10' } }, 's3:max-keys NumericLessThan 10'],
  ])('says the condition %o in words', (Condition, expected) => {
    const said = rowsOf({ Action: 'a:B', Resource: '*', Condition }).map((line) => line.trim());
    expect(said.slice(1).join(' ')).toBe(`only when ${expected}`);
  });

  test('names every function of the stack with each of its reasons', async () => {
    const report = permissionsReport((await synthesized(everything)) as unknown as Template);
    for (const { purpose, why } of Object.values(contracts)) {
      expect(report).toContain(purpose);
      // Longer reasons are wrapped; their beginnings stand in one line.
      for (const reason of Object.values(why))
        expect(report).toContain(reason.split(' ').slice(0, 4).join(' '));
    }
  });

  test('reads the template in the directory of an assembly, and says what to do where there is none', async () => {
    const dir = await temporaryFolder();
    expect(() => permissionsReport(dir)).toThrow(/npm run build/);
    await writeFile(join(dir, 'Homeostat.template.json'), JSON.stringify(small));
    expect(permissionsReport(dir)).toBe(permissionsReport(small));
  });
});
