import { reading, uploading } from "../../infra/application.ts";

// A function of your application, which signs uploads and reports their results. The links carry the permissions and the names of
// the buckets. They work in the same way on any component of SST that takes `link`.

new sst.aws.Function("Application", {
  handler: "examples/your-application/handler.handler",
  runtime: "nodejs22.x",
  architecture: "arm64",
  link: [uploading, reading],
});
