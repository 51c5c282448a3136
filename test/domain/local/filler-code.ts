/** A function that CloudFormation tells what is wanted of files: it puts them, or fails as it is told. */
export const fillerCode = `
const answer = (event, more) => fetch(event.ResponseURL, {
  method: 'PUT',
  body: JSON.stringify({
    Status: 'SUCCESS', PhysicalResourceId: 'files-1', StackId: event.StackId, RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId, ...more,
  }),
});
const put = async (bucket, key, { body, type, cacheControl }) => {
  const stored = await fetch(process.env.AWS_ENDPOINT_URL + '/' + bucket + '/' + key, {
    method: 'PUT', body,
    headers: {
      'content-type': type, ...(cacheControl && { 'cache-control': cacheControl }),
      authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00',
    },
  });
  if (!stored.ok) throw new Error(key + ' was answered ' + stored.status);
};
export const handler = async (event) => {
  // What a client of the function's own would sign with.
  if (event.asks === 'credentials')
    return { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
  const { BucketName, Files, Fails, Says } = event.ResourceProperties;
  if (Fails === 'throws') throw new RangeError('out of shelves');
  if (Fails === 'silent') return;
  if (Fails === 'hangs') return new Promise(() => setInterval(() => {}, 1000));
  if (Fails === 'says so') return void (await answer(event, { Status: 'FAILED', Reason: 'the shelf is full' }));
  if (Says) return void (await answer(event, JSON.parse(Says)));
  await put(BucketName, 'event.json', { body: JSON.stringify(event), type: 'application/json' });
  for (const [key, file] of Object.entries(Files)) await put(BucketName, key, file);
  await answer(event, {});
};
`;
