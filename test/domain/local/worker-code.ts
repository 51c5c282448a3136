/** The worker's code: what it is sent says what it does. `aws` is one signed call to the gateway, as an SDK makes it. */
export const workerCode = `
// A text is a form, as STS wants it, and is answered as text.
const call = async (target, service, body, key = process.env.AWS_ACCESS_KEY_ID) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: {
      ...(typeof body === 'string' ? {} : { 'x-amz-target': target }),
      'content-type': typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/x-amz-json-1.0',
      authorization: 'AWS4-HMAC-SHA256 Credential=' + key + '/20260101/us-east-1/' + service + '/aws4_request, SignedHeaders=host, Signature=00',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: typeof body === 'string' ? await answer.text() : await answer.json() };
};
// Lambda's Invoke has the function in the path; a failure of the function is told by a header.
const invoke = async (name, event) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL + '/2015-03-31/functions/' + encodeURIComponent(name) + '/invocations', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=00',
    },
    body: JSON.stringify(event),
  });
  return { status: answer.status, failed: answer.headers.get('x-amz-function-error'), body: await answer.json() };
};
// A service with paths of its own, such as SES.
const post = async (path, service, body) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/' + service + '/aws4_request, SignedHeaders=host, Signature=00',
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, errorType: answer.headers.get('x-amzn-errortype'), body: await answer.json() };
};
const put = (pk, sk, more = {}) =>
  call('DynamoDB_20120810.PutItem', 'dynamodb', { TableName: process.env.ITEMS, Item: { pk: { S: pk }, sk: { S: sk }, ...more } });

const doIt = async (order) => {
  if (order.sleepMs) await new Promise((done) => setTimeout(done, order.sleepMs));
  if (order.spin) for (;;);
  if (order.exit) process.exit(1);
  if (order.throw) throw new RangeError(order.throw);
  if (order.put) await put(...order.put);
  if (order.after) return doIt(order.after);
  if (order.note) await put('notes', order.note, { at: { N: String(Date.now()) } });
  if (order.aws) return call(...order.aws);
  if (order.invoke) return invoke(...order.invoke);
  if (order.post) return post(...order.post);
  if (order.each) {
    const answers = [];
    for (const one of order.each) answers.push(await call(...one).catch((error) => 'cut: ' + error.message));
    return answers;
  }
  return { now: Date.now(), environment: Object.keys(process.env).sort() };
};

export const handler = async (event, context) => {
  if (event.Records) {
    const failed = [];
    for (const record of event.Records) {
      try { await doIt(JSON.parse(record.body)); } catch { failed.push({ itemIdentifier: record.messageId }); }
    }
    return { batchItemFailures: failed };
  }
  if (event.type === 'REQUEST') {
    return { isAuthorized: event.headers.authorization === 'yes', context: { principal: 'somebody' } };
  }
  if (event.headers?.['x-answer']) return JSON.parse(event.headers['x-answer']);
  if (event.requestContext) return { statusCode: 200, headers: { 'X-Seen': 'yes' }, cookies: ['a=1'], body: JSON.stringify(event) };
  return doIt(event);
};
`;
