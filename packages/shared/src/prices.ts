/**
 * Dollars of Lambda on arm64 in us-east-1, as of January 2025. Other regions differ by some percent.
 * @see https://aws.amazon.com/lambda/pricing/
 */
export const LAMBDA_PRICES = { gigabyteSecond: 0.0000133334, millionRequests: 0.2 } as const;
