import { variants } from "./patterns.ts";
import { readStage } from "./stage.ts";

const YEAR = 365 * 24 * 60 * 60;
const HOUR = 60 * 60;

const stage = readStage($app.stage);

let announce: (cdn: sst.aws.Cdn) => void;
const announced = new Promise<sst.aws.Cdn>((resolve) => {
  announce = resolve;
});
const cdn = stage.cdn && $output(announced);

/** The URL that thumbnails are served under, by their keys. Undefined unless `CDN` is set. */
export const cdnUrl = cdn?.apply(({ url, domainUrl }) => (stage.cdn?.domain ? domainUrl : url));
export const distributionArn = cdn?.apply(({ nodes }) => nodes.distribution.arn);

/**
 * Serves a bucket's thumbnails by CloudFront. The bucket's policy needs the distribution's ARN, and the distribution the
 * bucket's name, which SST gives out only once the policy exists. So this is called when SST is about to make the policy.
 */
export function serve(args: aws.s3.BucketPolicyArgs): undefined {
  const made = distribute($output(args.bucket));
  announce(made);
  args.policy = aws.iam.getPolicyDocumentOutput({
    // SST's policy is a text.
    sourcePolicyDocuments: [args.policy as $util.Input<string>],
    statements: [
      {
        principals: [{ type: "Service", identifiers: ["cloudfront.amazonaws.com"] }],
        actions: ["s3:GetObject"],
        // Without the manifests, which would reveal the names of uploads.
        resources: variants.map((pattern) => $interpolate`arn:aws:s3:::${args.bucket}/${pattern}`),
        conditions: [
          { test: "StringEquals", variable: "aws:SourceArn", values: [made.nodes.distribution.arn] },
        ],
      },
    ],
  }).json;
}

function distribute(bucket: $util.Output<string>) {
  const access = new aws.cloudfront.OriginAccessControl("CdnAccess", {
    description: stage.prefix,
    originAccessControlOriginType: "s3",
    signingBehavior: "always",
    signingProtocol: "sigv4",
  });
  return new sst.aws.Cdn("Cdn", {
    comment: stage.prefix,
    domain: stage.cdn?.domain,
    // Otherwise, everything that depends on the bucket's policy would wait minutes for the distribution.
    wait: false,
    origins: [
      {
        originId: "thumbnails",
        domainName: $interpolate`${bucket}.s3.${stage.region}.amazonaws.com`,
        originAccessControlId: access.id,
      },
    ],
    defaultCacheBehavior: {
      targetOriginId: "thumbnails",
      viewerProtocolPolicy: "https-only",
      allowedMethods: ["GET", "HEAD"],
      cachedMethods: ["GET", "HEAD"],
      // Images are compressed already.
      compress: false,
      cachePolicyId: cachePolicy().id,
      responseHeadersPolicyId: headersPolicy().id,
    },
    transform: {
      distribution: { httpVersion: "http2and3", isIpv6Enabled: true, priceClass: "PriceClass_100" },
    },
  });
}

/** Caches for as long as the variant's `cacheControl` says, by default an hour. A new `?v=` (an ETag) gets the newest. */
function cachePolicy() {
  return new aws.cloudfront.CachePolicy("CdnCache", {
    comment: stage.prefix,
    minTtl: 0,
    defaultTtl: HOUR,
    maxTtl: YEAR,
    parametersInCacheKeyAndForwardedToOrigin: {
      cookiesConfig: { cookieBehavior: "none" },
      headersConfig: { headerBehavior: "none" },
      queryStringsConfig: { queryStringBehavior: "whitelist", queryStrings: { items: ["v"] } },
    },
  });
}

function headersPolicy() {
  const override = true;
  const encryption = "x-amz-server-side-encryption";
  return new aws.cloudfront.ResponseHeadersPolicy("CdnHeaders", {
    comment: stage.prefix,
    securityHeadersConfig: {
      strictTransportSecurity: { accessControlMaxAgeSec: YEAR, override },
      contentTypeOptions: { override },
      contentSecurityPolicy: {
        contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        override,
      },
      frameOptions: { frameOption: "DENY", override },
      referrerPolicy: { referrerPolicy: "no-referrer", override },
    },
    // S3's responses contain the key's ARN, and so the account id.
    removeHeadersConfig: {
      items: [
        encryption,
        `${encryption}-aws-kms-key-id`,
        `${encryption}-bucket-key-enabled`,
        "x-amz-version-id",
      ].map((header) => ({ header })),
    },
  });
}
