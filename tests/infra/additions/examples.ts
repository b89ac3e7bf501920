// The examples that make resources, imported as an application would.
import "../../../examples/on-completion/infra.ts";
import "../../../examples/your-application/infra.ts";
import { reading, uploading } from "../../../infra/application.ts";

// The rights of each link, without those that every function has.
for (const link of [uploading, reading]) {
  const statements = link.getSSTLink().include as aws.types.input.iam.GetPolicyDocumentStatementArgs[];
  const { json: policy } = aws.iam.getPolicyDocumentOutput({ statements });
  new aws.iam.Role(link === uploading ? "ApplicationUploadingRole" : "ApplicationReadingRole", {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
    inlinePolicies: [{ name: "link", policy }],
  });
}
