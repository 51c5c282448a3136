/**
 * How every SDK client calls AWS. A call that hangs must fail while its caller still has time to say so: four
 * attempts of 4 s and their pauses end before the API's 20 s do. Retries are the SDK's own, with backoff and jitter.
 */
export const clientSettings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
} as const;
