/** Which services of AWS may be read, because actions of theirs were opted in at deploy. */
export interface AwsReads {
  readonly services: readonly string[];
}

/** `address` is the comma-separated list of services; reading itself is up to the ports of the actions. */
export const openAwsReads = (address: string): AwsReads => ({ services: address.split(',').filter(Boolean) });
