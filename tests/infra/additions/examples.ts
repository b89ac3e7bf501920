// The examples that make resources, as an application would import them.
import "../../../examples/on-completion/infra.ts";
import "../../../examples/your-application/infra.ts";
