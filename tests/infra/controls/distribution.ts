import type { Graph, Resource } from "@thumbsmith/synth";
import { type Control, each, type Finding } from "./control.ts";

export const ofDistribution: Control[] = [
  {
    ids: ["CloudFront.3", "CKV_AWS_34"],
    title: "viewers are answered only over TLS",
    where: "infra/cdn.ts",
    find: (graph) =>
      served(graph, ({ defaultCacheBehavior: { viewerProtocolPolicy } }) =>
        viewerProtocolPolicy === "https-only" ? [] : [`answers with ${viewerProtocolPolicy}`],
      ),
  },
  {
    ids: ["CloudFront.7", "CloudFront.8", "CloudFront.15", "CKV_AWS_174", "CKV2_AWS_42", "CFR4"],
    title: "viewers use TLS 1.2 of 2021 or newer, with our certificate",
    where: "infra/cdn.ts",
    find: (graph) =>
      served(graph, ({ viewerCertificate: given }) => {
        if (given.cloudfrontDefaultCertificate) return ["uses CloudFront's own domain"];
        const { acmCertificateArn, minimumProtocolVersion, sslSupportMethod } = given;
        const found = [
          /^arn:aws:acm:us-east-1:/.test(acmCertificateArn),
          minimumProtocolVersion,
          sslSupportMethod,
        ];
        return found.join() === "true,TLSv1.2_2021,sni-only" ? [] : [`speaks ${minimumProtocolVersion}`];
      }),
  },
  {
    ids: ["CloudFront.13", "CFR7"],
    title: "the distribution reads the bucket with an origin access control that signs every request",
    where: "infra/cdn.ts",
    find: (graph) =>
      served(graph, ({ origins }) => {
        const [access] = graph.all("cloudfront.OriginAccessControl");
        const {
          signingBehavior,
          signingProtocol,
          originAccessControlOriginType: type,
        } = access?.inputs ?? {};
        const signs = [type, signingBehavior, signingProtocol].join() === "s3,always,sigv4";
        const bucket = graph.one("s3.BucketV2", "ThumbnailsBucket").outputs.bucket;
        return signs &&
          origins.length === 1 &&
          origins[0].originAccessControlId === access?.outputs.id &&
          origins[0].domainName === `${bucket}.s3.${graph.data.app.providers.aws.region}.amazonaws.com`
          ? []
          : ["does not sign its requests to the bucket"];
      }),
  },
  {
    ids: ["TS.8"],
    title: "the distribution answers only GET and HEAD, and forwards only `?v=`",
    where: "infra/cdn.ts",
    find: (graph) =>
      served(graph, ({ defaultCacheBehavior: { allowedMethods, originRequestPolicyId }, ...others }) => {
        const { parametersInCacheKeyAndForwardedToOrigin: passed } = inputsOf(graph, "CachePolicy");
        return JSON.stringify([
          allowedMethods,
          passed,
          others.orderedCacheBehaviors,
          originRequestPolicyId,
        ]) ===
          JSON.stringify([
            ["GET", "HEAD"],
            {
              cookiesConfig: { cookieBehavior: "none" },
              headersConfig: { headerBehavior: "none" },
              queryStringsConfig: { queryStringBehavior: "whitelist", queryStrings: { items: ["v"] } },
            },
            undefined,
            undefined,
          ])
          ? []
          : [`passes on ${JSON.stringify(passed)} of ${allowedMethods}`];
      }),
  },
  {
    ids: ["TS.9", "CKV2_AWS_32", "CKV_AWS_259"],
    title: "every response has security headers, and none that reveals the key",
    where: "infra/cdn.ts",
    find: (graph) =>
      served(graph, ({ defaultCacheBehavior }) => {
        const [policy] = graph.all("cloudfront.ResponseHeadersPolicy");
        if (defaultCacheBehavior.responseHeadersPolicyId !== policy?.outputs.id) return ["adds no headers"];
        const { securityHeadersConfig: added, removeHeadersConfig: removed } = policy?.inputs ?? {};
        return [
          ...(JSON.stringify(added) === JSON.stringify(securityHeaders)
            ? []
            : [`adds ${JSON.stringify(added)}`]),
          ...encryptionHeaders
            .filter((name) => !removed?.items.some(({ header }: { header: string }) => header === name))
            .map((name) => `lets ${name} pass`),
        ];
      }),
  },
  {
    ids: ["CloudFront.1", "CKV_AWS_305"],
    title: "the distribution has a default root object",
    where: "",
    find: (graph) =>
      served(graph, ({ defaultRootObject }) => (defaultRootObject ? [] : ["has no default root object"])),
  },
  {
    ids: ["CloudFront.4", "CKV_AWS_310"],
    title: "the distribution has a second origin for failover",
    where: "",
    find: (graph) => served(graph, ({ originGroups }) => (originGroups ? [] : ["has no second origin"])),
  },
  {
    ids: ["CloudFront.5", "CKV_AWS_86", "CFR3"],
    title: "the distribution writes an access log",
    where: "",
    find: (graph) => served(graph, ({ loggingConfig }) => (loggingConfig ? [] : ["writes no access log"])),
  },
  {
    ids: ["CloudFront.6", "CKV_AWS_68", "CFR2"],
    title: "the distribution has a web application firewall",
    where: "",
    find: (graph) => served(graph, ({ webAclId }) => (webAclId ? [] : ["has no firewall"])),
  },
  {
    ids: ["CKV_AWS_374", "CFR1"],
    title: "the distribution serves only some countries",
    where: "",
    find: (graph) =>
      served(graph, ({ restrictions }) =>
        restrictions.geoRestriction.restrictionType === "none" ? ["serves all countries"] : [],
      ),
  },
];

const override = true;
const securityHeaders = {
  contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'", override },
  contentTypeOptions: { override },
  frameOptions: { frameOption: "DENY", override },
  referrerPolicy: { override, referrerPolicy: "no-referrer" },
  strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, override },
};

const encryptionHeaders = [
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
  "x-amz-version-id",
];

/** The distribution, on the stages that have one. */
function served(graph: Graph, problemsOf: (inputs: Resource["inputs"]) => string[]): Finding[] {
  if (graph.all("cloudfront.Distribution").length === 0) return [];
  return each(graph, "cloudfront.Distribution", ({ inputs }) => problemsOf(inputs));
}

/** The inputs of CloudFront's one resource of a type. */
function inputsOf(graph: Graph, type: string): Resource["inputs"] {
  return graph.all(`cloudfront.${type}`)[0]?.inputs ?? {};
}
