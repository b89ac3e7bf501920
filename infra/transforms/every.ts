/** Like `$transform`, but only for resources that are made, not for those that are looked up with `get`. */
export function every<Resource, Args extends object | undefined, Options extends $util.CustomResourceOptions>(
  kind: new (name: string, args: Args, opts?: Options) => Resource,
  change: (args: NonNullable<Args>, opts: Options, name: string) => void,
) {
  $transform(kind, (args, opts, name) => {
    if (args && !opts?.id && !("ref" in args)) change(args, opts, name);
  });
}
