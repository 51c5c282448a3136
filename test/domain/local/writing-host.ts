/** A host in a process of its own that writes without end and says what was acknowledged; made to be killed. */
import { startHost } from '../../../infra/local/host.ts';

const [assemblyDir = '', dataDir = ''] = process.argv.slice(2);
const host = await startHost({ assemblyDir, dataDir, catchUp: false });

const call = async (target: string, service: string, body: unknown): Promise<void> => {
  const answer = await fetch(host.aws.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': target,
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${host.aws.credentials.accessKeyId}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
};
const kinds = {
  item: (n: number) =>
    call('DynamoDB_20120810.PutItem', 'dynamodb', {
      TableName: 'Small-Items',
      Item: { pk: { S: 'written' }, sk: { S: String(n) } },
    }),
  event: (n: number) =>
    call('AWSEvents.PutEvents', 'events', {
      Entries: [
        { Source: 'small', DetailType: 'thing.n', Detail: JSON.stringify({ n }), EventBusName: 'bus' },
      ],
    }),
};
process.stdout.write(`token ${host.token}\n`);
for (const [kind, write] of Object.entries(kinds)) {
  void (async () => {
    for (let n = 0; ; n++) {
      await write(n);
      process.stdout.write(`${kind} ${n}\n`);
    }
  })();
}
