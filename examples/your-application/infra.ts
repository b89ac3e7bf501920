import { reading, uploading } from "../../infra/application.ts";

// A function of an application: it lets browsers upload, and tells what has become of it. The links carry the rights and the
// names of the buckets. They work alike on any component of SST that takes `link`.

new sst.aws.Function("Application", {
  handler: "examples/your-application/handler.handler",
  runtime: "nodejs22.x",
  architecture: "arm64",
  link: [uploading, reading],
});
