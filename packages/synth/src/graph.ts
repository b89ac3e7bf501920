/** A resource as it was registered, after all transforms. */
export interface Resource {
  type: string;
  name: string;
  /** The urn of the component that made it. */
  parent?: string;
  /** Whether it is kept when the stage is removed. */
  retained: boolean;
  /** The arguments that the program gave, with outputs resolved. */
  inputs: Properties;
  /** The inputs, and what AWS would have added. */
  outputs: Properties;
}

// Every kind of AWS resource has its own properties. The checks name the few that they read.
// biome-ignore lint/suspicious/noExplicitAny: as above
type Properties = Record<string, any>;

/** The result of a synthesis. */
export interface GraphData {
  /** The return value of `app()`, and the stage. */
  app: Properties;
  /** Whether it is as under `sst dev`. */
  live: boolean;
  resources: Resource[];
  outputs: Properties;
}

/** All resources that a deployment of a stage would make. */
export class Graph {
  readonly data: GraphData;

  constructor(data: GraphData) {
    this.data = data;
  }

  get label(): string {
    const { app, live } = this.data;
    const extras = this.all("cloudfront.Distribution").length > 0 ? " with all extras" : "";
    const theirs = this.data.outputs.uploadsRuleName ? " of a bucket that exists" : "";
    return `${app.stage} in ${app.providers.aws.region}${live ? ", live" : ""}${theirs}${extras}`;
  }

  /** The resources of a type, which is written as in the code: `s3.BucketV2`. */
  all(type: string): Resource[] {
    const [module = "", name = ""] = type.split(".");
    const token = `aws:${module}/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
    return this.data.resources.filter((resource) => resource.type === token);
  }

  /** The one resource of a type and name. */
  one(type: string, name: string): Resource {
    const [found, ...others] = this.all(type).filter((resource) => resource.name === name);
    if (found && others.length === 0) return found;
    const names = this.all(type).map((resource) => resource.name);
    throw new Error(`Expected one ${type} named ${name} among ${names.join(", ") || "none"}`);
  }
}
